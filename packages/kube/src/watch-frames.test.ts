import type { ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import type { Form } from './negotiate.ts';
import { expired } from './watch.ts';
import { createWatchFrames } from './watch-frames.ts';

const object: ResourceObject = {
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', resourceVersion: '7', creationTimestamp: '2026-01-01T00:00:00Z' },
  spec: {},
};
const frames = (form: Form) =>
  createWatchFrames({
    type: { group: 'example.org', version: 'v1', kind: 'Thing', columns: [] },
    negotiated: { form, metaVersion: 'v1' },
    includeObject: 'Metadata',
    present: (shown) => ({ ...shown, wire: true }),
    now: () => Date.parse('2026-01-01T00:00:05Z'),
  });
const added = { type: 'ADDED', object } as const;

describe('createWatchFrames', () => {
  it('writes objects, a line each', () => {
    const { event, bookmark, error } = frames('Object');
    expect(event(added)).toBe(`${JSON.stringify({ type: 'ADDED', object: { ...object, wire: true } })}\n`);
    expect(bookmark(9)).toBe(
      '{"type":"BOOKMARK","object":{"kind":"Thing","apiVersion":"example.org/v1","metadata":{"resourceVersion":"9","creationTimestamp":null}}}\n',
    );
    expect(bookmark(9, true)).toContain('"annotations":{"k8s.io/initial-events-end":"true"}');
    expect(error(expired(1, 5).toStatus())).toBe(
      '{"type":"ERROR","object":{"kind":"Status","apiVersion":"v1","metadata":{},"status":"Failure","reason":"Expired","message":"too old resource version: 1 (5)","code":410}}\n',
    );
  });

  it('defines the columns of tables once', () => {
    const { event, bookmark } = frames('Table');
    const tables = [event(added), event({ type: 'MODIFIED', object })].map((line) => JSON.parse(line));
    expect(tables).toMatchObject([
      {
        type: 'ADDED',
        object: {
          kind: 'Table',
          metadata: { resourceVersion: '7' },
          columnDefinitions: [{ name: 'Name' }, { name: 'Age' }],
          rows: [{ cells: ['a', '5s'] }],
        },
      },
      { type: 'MODIFIED', object: { columnDefinitions: null, rows: [{ cells: ['a', '5s'] }] } },
    ]);
    expect(JSON.parse(bookmark(9, true))).toMatchObject({
      type: 'BOOKMARK',
      object: {
        kind: 'Table',
        metadata: { resourceVersion: '9', annotations: { 'k8s.io/initial-events-end': 'true' } },
        rows: [],
      },
    });
  });

  it('writes metadata alone', () => {
    const { event, bookmark } = frames('PartialObjectMetadata');
    expect(JSON.parse(event(added)).object).toEqual({
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: object.metadata,
    });
    expect(JSON.parse(bookmark(9)).object).toMatchObject({
      kind: 'PartialObjectMetadata',
      metadata: { resourceVersion: '9' },
    });
  });
});
