import type { ResourceObject } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { parseIncludeObject, partialObjectList, type TableOptions, tableOf } from './table.ts';

const object: ResourceObject = {
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'n', creationTimestamp: '2026-01-01T00:00:00Z', resourceVersion: '7' },
  spec: { size: 3 },
};
const options: TableOptions = {
  type: {
    columns: [
      { name: 'Size', type: 'integer', description: 'How large.', value: ({ spec }) => Number(spec.size) },
      { name: 'Note', type: 'string', description: 'A note.', priority: 1, value: () => undefined },
    ],
  },
  metadata: { resourceVersion: '9' },
  includeObject: 'Metadata',
  metaVersion: 'v1',
  now: Date.parse('2026-01-01T00:00:42Z'),
};

describe('tableOf', () => {
  it('makes what kubectl prints', () => {
    expect(tableOf([object], options)).toEqual({
      kind: 'Table',
      apiVersion: 'meta.k8s.io/v1',
      metadata: { resourceVersion: '9' },
      columnDefinitions: [
        {
          name: 'Name',
          type: 'string',
          format: 'name',
          description: expect.stringContaining('unique'),
          priority: 0,
        },
        { name: 'Size', type: 'integer', format: '', description: 'How large.', priority: 0 },
        { name: 'Note', type: 'string', format: '', description: 'A note.', priority: 1 },
        {
          name: 'Age',
          type: 'date',
          format: '',
          description: expect.stringContaining('created'),
          priority: 0,
        },
      ],
      rows: [
        {
          cells: ['a', 3, '<none>', '42s'],
          object: { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1', metadata: object.metadata },
        },
      ],
    });
  });

  it('carries as much of the object as is wanted', () => {
    const rows = (includeObject: TableOptions['includeObject']) =>
      tableOf([object], { ...options, includeObject, present: (shown) => ({ ...shown, wire: true }) }).rows;
    expect(rows('None')).toEqual([{ cells: ['a', 3, '<none>', '42s'] }]);
    expect(rows('Object')).toEqual([{ cells: expect.any(Array), object: { ...object, wire: true } }]);
  });

  it('can do without the standard columns and without definitions', () => {
    const bare = { ...options, type: { ...options.type, standardColumns: false }, definitions: false };
    expect(tableOf([object], bare)).toMatchObject({
      columnDefinitions: null,
      rows: [{ cells: [3, '<none>'] }],
    });
  });
});

describe('partial objects', () => {
  it('have metadata only', () => {
    expect(partialObjectList({ metadata: { resourceVersion: '9' }, items: [object] }, 'v1beta1')).toEqual({
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1beta1',
      metadata: { resourceVersion: '9' },
      items: [
        { kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1', metadata: object.metadata },
      ],
    });
  });

  it('are chosen by includeObject', () => {
    expect([parseIncludeObject(undefined), parseIncludeObject('None')]).toEqual(['Metadata', 'None']);
    expect(() => parseIncludeObject('all')).toThrow('supported are None, Metadata, Object');
  });
});
