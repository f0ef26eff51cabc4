import { describe, expect, it } from 'vitest';
import { deletionCauses } from './deletion.ts';

const at = '2026-01-01T00:00:00Z';

describe('objects that are being deleted', () => {
  it('get no new finalizers', () => {
    expect(deletionCauses({ deletionTimestamp: at, finalizers: ['c'] }, { finalizers: ['d'] })).toMatchObject(
      [{ reason: 'FieldValueForbidden', field: 'metadata.finalizers' }],
    );
    expect(deletionCauses({ deletionTimestamp: at, finalizers: ['c'] }, { finalizers: [] })).toEqual([]);
    expect(deletionCauses({ finalizers: [] }, { finalizers: ['d'] })).toEqual([]);
  });
});
