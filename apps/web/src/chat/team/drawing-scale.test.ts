import { CollaborationModel } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { fitDrawing } from './drawing-scale.ts';

const members = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ leader: index === 0, gate: false }));

describe('fitDrawing', () => {
  const cases = CollaborationModel.options.flatMap((mode) =>
    [1, 2, 3, 4].flatMap((count) => [326, 500, 740, 1000].map((width) => [mode, count, width] as const)),
  );

  it.each(cases)(
    '%s of %i members in %i px: nobody stands on anybody, and nothing is cut',
    (mode, count, width) => {
      const { nodes, node, width: drawn } = fitDrawing(mode, members(count), width);
      expect(drawn).toBeLessThanOrEqual(width);
      const boxes = nodes.filter(({ member }) => member !== undefined);
      expect(boxes).toHaveLength(count);
      for (const [index, one] of boxes.entries()) {
        for (const other of boxes.slice(index + 1)) {
          const apart = Math.abs(one.x - other.x) >= node.width || Math.abs(one.y - other.y) >= node.height;
          expect(apart).toBe(true);
        }
      }
    },
  );

  it('three beside each other are drawn large where there is room', () => {
    expect(fitDrawing('pipeline', members(3), 740).compact).toBe(false);
    expect(fitDrawing('pipeline', members(3), 700).compact).toBe(true);
  });
});
