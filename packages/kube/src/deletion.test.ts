import { describe, expect, it } from 'vitest';
import { deletionCauses, isFinished, planDeletion } from './deletion.ts';

const now = Date.parse('2026-01-01T00:00:00Z');
const at = '2026-01-01T00:00:00Z';

describe('planDeletion', () => {
  it.each([
    ['nothing holds', {}, 'Background', { action: 'remove' }],
    [
      'a controller holds',
      { finalizers: ['c'] },
      'Background',
      { action: 'mark', deletionTimestamp: at, finalizers: ['c'] },
    ],
    [
      'a foreground deletion',
      {},
      'Foreground',
      { action: 'mark', deletionTimestamp: at, finalizers: ['foregroundDeletion'] },
    ],
    [
      'an orphaning one',
      { finalizers: ['c'] },
      'Orphan',
      { action: 'mark', deletionTimestamp: at, finalizers: ['c', 'orphan'] },
    ],
    [
      'one that is repeated',
      { deletionTimestamp: 'earlier', finalizers: ['c'] },
      'Background',
      { action: 'none' },
    ],
    [
      'one that changes its mind',
      { deletionTimestamp: 'earlier', finalizers: ['foregroundDeletion'] },
      'Background',
      { action: 'remove' },
    ],
    [
      'one that changes its mind, but is held',
      { deletionTimestamp: 'earlier', finalizers: ['c', 'orphan'] },
      'Foreground',
      { action: 'mark', deletionTimestamp: 'earlier', finalizers: ['c', 'foregroundDeletion'] },
    ],
  ] as const)('%s', (_name, metadata, propagationPolicy, plan) => {
    expect(planDeletion(metadata, { propagationPolicy, now })).toEqual(plan);
  });
});

describe('objects that are being deleted', () => {
  it('go when nothing holds them any more', () => {
    expect(isFinished({ deletionTimestamp: at, finalizers: [] })).toBe(true);
    expect(isFinished({ deletionTimestamp: at, finalizers: ['c'] })).toBe(false);
    expect(isFinished({ deletionTimestamp: null, finalizers: [] })).toBe(false);
  });

  it('get no new finalizers', () => {
    expect(deletionCauses({ deletionTimestamp: at, finalizers: ['c'] }, { finalizers: ['d'] })).toMatchObject(
      [{ reason: 'FieldValueForbidden', field: 'metadata.finalizers' }],
    );
    expect(deletionCauses({ deletionTimestamp: at, finalizers: ['c'] }, { finalizers: [] })).toEqual([]);
    expect(deletionCauses({ finalizers: [] }, { finalizers: ['d'] })).toEqual([]);
  });
});
