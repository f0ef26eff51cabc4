import { CollaborationModel } from '@wegent/api';
import { expect, test } from 'vitest';
import { layoutOf, NODE } from './canvas-layout.ts';

const members = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ leader: index === 1, gate: index === 0 }));

test.each(
  CollaborationModel.options.flatMap((mode) =>
    [1, 2, 3, 7].flatMap((count) => [1, 2, 3].map((columns) => [mode, count, columns] as const)),
  ),
)(
  '%s of %i members in %i columns: every member once, none over another, all inside',
  (mode, count, columns) => {
    const { nodes, edges, width, height } = layoutOf(mode, members(count), columns);
    const boxes = nodes.filter(({ member }) => member !== undefined);
    expect(boxes.map(({ member }) => member).sort()).toEqual(members(count).map((_, index) => index));
    for (const box of boxes) {
      expect(box.x).toBeGreaterThanOrEqual(NODE.width / 2);
      expect(box.x + NODE.width / 2).toBeLessThanOrEqual(width);
      expect(box.y + NODE.height / 2).toBeLessThanOrEqual(height);
      for (const other of boxes) {
        if (other === box) continue;
        const apart = Math.abs(box.x - other.x) >= NODE.width || Math.abs(box.y - other.y) >= NODE.height;
        expect(apart).toBe(true);
      }
    }
    const ids = nodes.map(({ id }) => id);
    for (const { from, to } of edges) expect(ids).toEqual(expect.arrayContaining([from, to]));
  },
);

test('modes are told apart by their lines', () => {
  const looks = (mode: CollaborationModel) => layoutOf(mode, members(4), 3).edges.map(({ look }) => look);
  expect(looks('pipeline')).toEqual(['arrow', 'arrow', 'arrow', 'arrow']);
  expect(looks('route')).toEqual(['arrow', 'dashed', 'dashed', 'dashed']);
  expect(looks('coordinate')).toEqual(['arrow', 'both', 'both', 'both']);
  expect(looks('collaborate')).toEqual(['both', 'both', 'both', 'both']);
  expect(layoutOf('pipeline', members(3), 3).edges.map(({ gate }) => gate)).toEqual([false, true, false]);
});
