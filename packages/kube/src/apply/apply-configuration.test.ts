import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { referenceTo } from '../json-schema.ts';
import { OBJECT_META } from '../meta-schemas.ts';
import { isMapping } from '../tree.ts';
import { applyConfiguration } from './apply-configuration.ts';
import { MAX_UPDATE_MANAGERS, readManagers } from './managed-fields.ts';
import { type OwnedType, trackUpdate } from './ownership.ts';

const NOW = Date.parse('2026-01-01T00:00:00.500Z');
const type: OwnedType = {
  group: 'example.org',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  definitions: {},
  schema: {
    type: 'object',
    properties: {
      metadata: referenceTo(OBJECT_META),
      spec: {
        type: 'object',
        properties: {
          prompt: { type: 'string' },
          env: {
            type: 'array',
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name', 'kind'],
            items: {
              type: 'object',
              properties: {
                name: { type: 'string' },
                kind: { type: 'string', default: 'plain' },
                value: { type: 'string' },
              },
            },
          },
          tools: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } },
          whole: { type: 'object', 'x-kubernetes-map-type': 'atomic' },
        },
      },
      status: { type: 'object', properties: { phase: { type: 'string' } } },
    },
  },
};
type Document = Record<string, unknown> & { metadata: Record<string, unknown> };

const config = (rest: object, metadata: object = {}): Document => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 't', ...metadata },
  ...rest,
});

function apply(
  live: Document | undefined,
  document: unknown,
  options: { manager?: string; force?: boolean; now?: number; subresource?: string } = {},
) {
  const { object, changed } = applyConfiguration({
    type,
    live,
    config: document,
    manager: 'alice',
    force: false,
    now: NOW,
    ...options,
  });
  if (!isMapping(object.metadata)) throw new Error('no metadata');
  const result: Document = { ...object, metadata: object.metadata };
  return { object: result, changed };
}

const managersOf = ({ metadata }: Document) =>
  (readManagers(metadata.managedFields) ?? []).map(
    ({ name, operation, subresource }) => `${operation} ${name}${subresource && `/${subresource}`}`,
  );

describe('applyConfiguration', () => {
  it('notes owners as Kubernetes does', () => {
    const { object } = apply(
      undefined,
      config(
        { spec: { prompt: 'p', env: [{ name: 'A', value: '1' }], tools: ['read'], whole: { a: 1 } } },
        { labels: { app: 'x' }, finalizers: ['f'] },
      ),
    );
    expect(object.metadata.managedFields).toEqual([
      {
        manager: 'alice',
        operation: 'Apply',
        apiVersion: 'example.org/v1',
        time: '2026-01-01T00:00:00Z',
        fieldsType: 'FieldsV1',
        fieldsV1: {
          'f:metadata': { 'f:finalizers': { 'v:"f"': {} }, 'f:labels': { 'f:app': {} } },
          'f:spec': {
            'f:env': { 'k:{"kind":"plain","name":"A"}': { '.': {}, 'f:name': {}, 'f:value': {} } },
            'f:prompt': {},
            'f:tools': { 'v:"read"': {} },
            'f:whole': {},
          },
        },
      },
    ]);
  });

  it('says who owns what it may not change, and takes it over when forced', () => {
    const { object: live } = apply(
      undefined,
      config({ spec: { prompt: 'a', env: [{ name: 'A', value: '1' }] } }),
    );
    const wanted = config({ spec: { prompt: 'b', env: [{ name: 'A', value: '2' }] } });
    expect(() => apply(live, wanted, { manager: 'bob' })).toThrow(
      expect.objectContaining({
        reason: 'Conflict',
        message:
          'Apply failed with 2 conflicts: conflicts with "alice":\n- .spec.env[kind="plain",name="A"].value\n- .spec.prompt',
        details: {
          name: 't',
          group: 'example.org',
          kind: 'things',
          causes: [
            {
              reason: 'FieldManagerConflict',
              message: 'conflict with "alice"',
              field: '.spec.env[kind="plain",name="A"].value',
            },
            { reason: 'FieldManagerConflict', message: 'conflict with "alice"', field: '.spec.prompt' },
          ],
        },
      }),
    );
    const { object } = apply(live, wanted, { manager: 'bob', force: true });
    expect(object.spec).toEqual(wanted.spec);
    expect(() => apply(object, config({ spec: { prompt: 'a' } }))).toThrow(
      'conflict with "bob": .spec.prompt',
    );
  });

  it('names how updates were made in conflicts with them', () => {
    const live = trackUpdate({ type, next: config({ spec: { prompt: 'a' } }), manager: 'edit', now: NOW });
    expect(() => apply(live, config({ spec: { prompt: 'b' } }))).toThrow(
      'Apply failed with 1 conflict: conflict with "edit" using example.org/v1 at 2026-01-01T00:00:00Z: .spec.prompt',
    );
  });

  it('removes what the manager let go, and keeps what somebody else put there', () => {
    const both = config(
      { spec: { prompt: 'p', tools: ['read', 'write'], env: [{ name: 'A', value: '1' }, { name: 'B' }] } },
      { labels: { a: '1', b: '2' } },
    );
    const first = apply(undefined, both).object;
    const second = apply(
      first,
      config({ spec: { tools: ['grep'], env: [{ name: 'C' }] } }, { labels: { b: '2' } }),
      { manager: 'bob' },
    ).object;
    const third = apply(second, config({ spec: { prompt: 'p', env: [{ name: 'A' }] } })).object;
    expect(third).toMatchObject({ metadata: { name: 't', labels: { b: '2' } } });
    expect(third.metadata.labels).toEqual({ b: '2' });
    expect(third.spec).toEqual({ prompt: 'p', tools: ['grep'], env: [{ name: 'A' }, { name: 'C' }] });
    expect(apply(third, config({})).object).not.toHaveProperty('spec.prompt');
  });

  it('changes nothing, not even the time, when nothing is different', () => {
    const document = config({ spec: { prompt: 'p', env: [] } });
    const { object: live } = apply(undefined, document);
    const stored = { ...live, metadata: { ...live.metadata, uid: 'u', resourceVersion: '4', generation: 1 } };
    const again = applyConfiguration({
      type,
      live: stored,
      config: document,
      manager: 'alice',
      force: false,
      now: NOW + 5000,
    });
    expect(again).toEqual({ object: stored, changed: false });
    expect(again.object).toBe(stored);
    // Somebody else who wants the same becomes an owner as well.
    const shared = apply(stored, document, { manager: 'bob', now: NOW + 5000 });
    expect(shared.changed).toBe(true);
    expect(managersOf(shared.object)).toEqual(['Apply alice', 'Apply bob']);
  });

  it('keeps status and the rest apart', () => {
    const { object: live } = apply(
      undefined,
      config({ spec: { prompt: 'p' }, status: { phase: 'ignored' } }),
    );
    expect(live).not.toHaveProperty('status');
    const { object } = apply(live, config({ spec: { prompt: 'ignored' }, status: { phase: 'Ready' } }), {
      manager: 'controller',
      subresource: 'status',
    });
    expect(object).toMatchObject({ spec: { prompt: 'p' }, status: { phase: 'Ready' } });
    expect(managersOf(object)).toEqual(['Apply alice', 'Apply controller/status']);
    const gone = apply(object, config({}), { manager: 'controller', subresource: 'status' }).object;
    expect(gone).not.toHaveProperty('status');
    expect(gone).toMatchObject({ spec: { prompt: 'p' } });
  });

  it('gives what was there before the first apply to an owner of its own', () => {
    const live = config({ spec: { prompt: 'old' } }, { labels: { a: '1' }, uid: 'u' });
    expect(() => apply(live, config({ spec: { prompt: 'new' } }))).toThrow(
      'conflict with "before-first-apply"',
    );
    const { object } = apply(live, config({ spec: { prompt: 'old' } }));
    expect(managersOf(object)).toEqual(['Apply alice', 'Update before-first-apply']);
  });

  it('counts null as absent', () => {
    const { object: live } = apply(undefined, config({ spec: { prompt: 'p', tools: ['x'] } }));
    expect(apply(live, config({ spec: { prompt: null, tools: ['x'] } })).object.spec).toEqual({
      tools: ['x'],
    });
  });

  it('keeps what only the server writes', () => {
    const { object: live } = apply(undefined, config({ spec: { prompt: 'p' } }));
    const stored = { ...live, metadata: { ...live.metadata, uid: 'u', generation: 3 } };
    const { object } = apply(
      stored,
      config({ spec: { prompt: 'q' } }, { uid: 'u', generation: 9, namespace: 'n' }),
    );
    expect(object.metadata).toMatchObject({ uid: 'u', generation: 3 });
    expect(object.metadata).not.toHaveProperty('namespace');
  });

  it('means the very object whose version or UID it names', () => {
    const { object: live } = apply(undefined, config({ spec: { prompt: 'p' } }));
    const stored = { ...live, metadata: { ...live.metadata, uid: 'u', resourceVersion: '4' } };
    const wanted = (metadata: object) => () => apply(stored, config({ spec: { prompt: 'q' } }, metadata));
    expect(wanted({ resourceVersion: '4', uid: 'u' })().object.spec).toEqual({ prompt: 'q' });
    expect(wanted({ resourceVersion: '3' })).toThrow('things.example.org "t": the object has been modified');
    expect(wanted({ uid: 'other' })).toThrow('the uid in the precondition (other) does not match');
    expect(() => apply(undefined, config({}, { uid: 'u' }))).toThrow(
      expect.objectContaining({ reason: 'Conflict' }),
    );
  });

  it.each([
    ['a list', [], 'takes a Thing document'],
    [
      'another kind',
      { ...config({}), kind: 'Other' },
      'expected example.org/v1 Thing, got example.org/v1 Other',
    ],
    [
      'no apiVersion',
      { ...config({}), apiVersion: undefined },
      'expected example.org/v1 Thing, got nothing Thing',
    ],
    ['no metadata', { ...config({}), metadata: undefined }, 'has metadata'],
    ['managed fields', config({}, { managedFields: [{}] }), 'managedFields must be nil'],
    ['__proto__', JSON.parse('{"__proto__":{}}'), '__proto__'],
  ])('refuses %s', (_name, document, message) => {
    expect(() => apply(undefined, document)).toThrow(message);
  });

  it.each([
    [
      'two items with the same keys',
      { env: [{ name: 'A' }, { name: 'A', kind: 'plain' }] },
      'FieldValueDuplicate',
      'spec.env[1]',
    ],
    ['the same value twice', { tools: ['a', 'b', 'a'] }, 'FieldValueDuplicate', 'spec.tools[2]'],
    ['an item without its key', { env: [{ value: '1' }] }, 'FieldValueRequired', 'spec.env[0].name'],
    ['an item whose key is a list', { env: [{ name: ['a'] }] }, 'FieldValueTypeInvalid', 'spec.env[0].name'],
    ['an item that is no mapping', { env: ['x'] }, 'FieldValueTypeInvalid', 'spec.env[0]'],
  ])('refuses %s', (_name, spec, reason, field) => {
    expect(() => apply(undefined, config({ spec }))).toThrow(
      expect.objectContaining({
        code: 422,
        details: expect.objectContaining({ causes: [expect.objectContaining({ reason, field })] }),
      }),
    );
  });

  it('never fails but with an error of the client', () => {
    const key = fc.constantFrom(
      'spec',
      'status',
      'env',
      'tools',
      'whole',
      'name',
      'kind',
      'value',
      'labels',
      'finalizers',
      'ownerReferences',
      'uid',
      'managedFields',
      'fieldsV1',
      'f:x',
      '.',
      '__proto__',
      'k:{"a":1}',
    );
    const { tree } = fc.letrec<{ tree: unknown }>((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.constantFrom(null, 'A', '', 1, true),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(key, tie('tree'), { maxKeys: 4 }),
      ),
    }));
    const document = fc
      .record({
        spec: tree,
        status: tree,
        metadata: fc.oneof(fc.dictionary(key, tree, { maxKeys: 4 }), tree),
      })
      .map((parts) => ({ apiVersion: 'example.org/v1', kind: 'Thing', ...parts }));
    let succeeded = 0;
    fc.assert(
      fc.property(document, fc.oneof(document, tree), fc.boolean(), (live, wanted, force) => {
        try {
          const stored = isMapping(live.metadata) ? { ...live, metadata: live.metadata } : undefined;
          const { object } = applyConfiguration({
            type,
            live: stored,
            config: wanted,
            manager: 'm',
            force,
            now: NOW,
          });
          expect(readManagers((object.metadata as Record<string, unknown>).managedFields)).toBeDefined();
          succeeded += 1;
        } catch (error) {
          if (!(error instanceof ApiError) || error.code >= 500) throw error;
        }
      }),
      { numRuns: 1000, seed: 5 },
    );
    expect(succeeded).toBeGreaterThan(100);
  }, 60_000);
});

describe('trackUpdate', () => {
  it('gives a writer what it changed and nothing else', () => {
    const { object: live } = apply(undefined, config({ spec: { prompt: 'a', tools: ['x'] } }));
    const next = trackUpdate({
      type,
      live,
      next: { ...live, spec: { prompt: 'b', tools: ['x'] } },
      manager: 'edit',
      now: NOW,
    });
    expect(next.metadata.managedFields).toMatchObject([
      { manager: 'alice', fieldsV1: { 'f:spec': { 'f:tools': { 'v:"x"': {} } } } },
      { manager: 'edit', operation: 'Update', fieldsV1: { 'f:spec': { 'f:prompt': {} } } },
    ]);
    expect(trackUpdate({ type, live, next: live, manager: 'edit', now: NOW + 1e6 })).toEqual(live);
  });

  it('forgets all owners when the client asks for it', () => {
    const { object: live } = apply(undefined, config({ spec: { prompt: 'a' } }));
    const next = { ...live, metadata: { ...live.metadata, managedFields: [{}] } };
    expect(trackUpdate({ type, live, next, manager: 'm', now: NOW }).metadata).not.toHaveProperty(
      'managedFields',
    );
  });

  it('takes owners that the client writes, as kubectl does when it moves to server-side apply', () => {
    const live = trackUpdate({
      type,
      next: config({ spec: { prompt: 'a' } }),
      manager: 'kubectl-client-side-apply',
      now: NOW,
    });
    const [entry] = live.metadata.managedFields as object[];
    const moved = [{ ...entry, manager: 'kubectl', operation: 'Apply' }];
    const next = trackUpdate({
      type,
      live,
      next: { ...live, metadata: { ...live.metadata, managedFields: moved } },
      manager: 'kubectl',
      now: NOW,
    });
    expect(managersOf(next)).toEqual(['Apply kubectl']);
    expect(apply(next, config({ spec: {} }), { manager: 'kubectl' }).object).not.toHaveProperty(
      'spec.prompt',
    );
  });

  it('keeps the owners it has when those of the client make no sense', () => {
    const { object: live } = apply(undefined, config({ spec: { prompt: 'a' } }));
    for (const managedFields of [
      [{ manager: 'x' }],
      'x',
      [1],
      [{ operation: 'Apply', apiVersion: 'v1', fieldsV1: { nope: {} } }],
      [],
    ]) {
      const next = { ...live, metadata: { ...live.metadata, managedFields } };
      expect(managersOf(trackUpdate({ type, live, next, manager: 'm', now: NOW }))).toEqual(['Apply alice']);
    }
  });

  it('leaves an object without owners until it is applied', () => {
    const live = config({ spec: { prompt: 'a' } });
    const next = trackUpdate({ type, live, next: config({ spec: { prompt: 'b' } }), manager: 'm', now: NOW });
    expect(next.metadata).not.toHaveProperty('managedFields');
  });

  it('puts the oldest updates together', () => {
    let live = trackUpdate({
      type,
      next: config({ spec: {} }, { labels: { start: '1' } }),
      manager: 'creator',
      now: 0,
    });
    for (let index = 1; index <= 30; index += 1) {
      const labels = { ...(live.metadata.labels as object), [`l${index}`]: '1' };
      live = trackUpdate({
        type,
        live,
        next: { ...live, metadata: { ...live.metadata, labels } },
        manager: `m${index}`,
        now: index * 1000,
      });
    }
    expect(managersOf(live)).toHaveLength(MAX_UPDATE_MANAGERS);
    expect(managersOf(live)).toContain('Update ancient-changes');
    expect(managersOf(live)).toContain('Update m30');
    expect(() => apply(live, config({}, { labels: { l1: '2' } }))).toThrow('conflict with "ancient-changes"');
  });
});
