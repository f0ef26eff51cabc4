import type { Change } from '@wegent/store';
import { describe, expect, it } from 'vitest';
import { createChangeRing } from './change-ring.ts';

function change(resourceVersion: number, text = ''): Change {
  const object = {
    apiVersion: 'agent.wecode.io/v1',
    kind: 'Ghost',
    metadata: { name: 'g', namespace: 'n' },
    spec: { text },
  };
  return { resourceVersion, type: 'ADDED', kind: 'Ghost', namespace: 'n', name: 'g', uid: 'u', object };
}

const versions = (changes: Change[]) => changes.map(({ resourceVersion }) => resourceVersion);

describe('createChangeRing', () => {
  it('keeps the newest, and says from where on', () => {
    const ring = createChangeRing({ maxChanges: 3, maxCharacters: 1_000_000 });
    ring.reset(10);
    ring.push([change(11), change(13)], 14);
    expect([ring.floor, ring.tail]).toEqual([10, 14]);
    expect(versions(ring.after(10))).toEqual([11, 13]);
    expect(versions(ring.after(12))).toEqual([13]);
    ring.push([change(15), change(16)], 16);
    expect([ring.floor, ring.tail]).toEqual([11, 16]);
    expect(versions(ring.after(11))).toEqual([13, 15, 16]);
    expect(ring.after(16)).toEqual([]);
    ring.reset(20);
    expect([ring.floor, ring.tail, ring.after(20)]).toEqual([20, 20, []]);
  });

  it('lets go of what is too large, even if nothing is left', () => {
    const ring = createChangeRing({ maxChanges: 100, maxCharacters: 2_000 });
    ring.push([change(1), change(2, 'x'.repeat(1_500)), change(3)], 3);
    expect(ring.floor).toBe(1);
    ring.push([change(4, 'x'.repeat(5_000))], 4);
    expect([ring.floor, ring.tail, ring.after(4)]).toEqual([4, 4, []]);
  });
});
