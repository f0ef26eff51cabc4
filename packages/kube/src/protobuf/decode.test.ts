import { ApiError } from '@wegent/api';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { decodeProtobuf } from './decode.ts';
import { MESSAGES } from './messages.ts';
import { concatBytes, lengthDelimited as field, readFields } from './wire.ts';

const MAGIC = Uint8Array.from([0x6b, 0x38, 0x73, 0]);
const join = (...pieces: Uint8Array[]) => concatBytes(pieces);
const number = (id: number, value: bigint) => {
  const bytes: number[] = [id << 3];
  let rest = BigInt.asUintN(64, value);
  do {
    bytes.push(Number(rest & 0x7fn) | (rest > 0x7fn ? 0x80 : 0));
    rest >>= 7n;
  } while (rest > 0n);
  return Uint8Array.from(bytes);
};
const entry = (key: string, value: string) => join(field(1, key), field(2, value));
const envelope = (apiVersion: string, kind: string, raw: Uint8Array) =>
  join(
    MAGIC,
    field(1, join(field(1, apiVersion), field(2, kind))),
    field(2, raw),
    field(3, ''),
    field(4, ''),
  );

describe('decodeProtobuf', () => {
  // Recorded from kubectl 1.33: `create configmap c --from-literal=a=b`, `create secret generic s --from-literal=a=b`
  // and `auth can-i create bots`. Go writes empty fields as well.
  it.each([
    [
      'azhzAAoPCgJ2MRIJQ29uZmlnTWFwEhsKEQoBYxIAGgAiACoAMgA4AEIAEgYKAWESAWIaACIA',
      { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'c', generation: 0 }, data: { a: 'b' } },
    ],
    [
      'azhzAAoMCgJ2MRIGU2VjcmV0Eh0KEQoBcxIAGgAiACoAMgA4AEIAEgYKAWESAWIaABoAIgA=',
      { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's', generation: 0 }, data: { a: 'Yg==' } },
    ],
    [
      'azhzAAoyChdhdXRob3JpemF0aW9uLms4cy5pby92MRIXU2VsZlN1YmplY3RBY2Nlc3NSZXZpZXcSTgoQCgASABoAIgAqADIAOABCABIwCi4KB2RlZmF1bHQSBmNyZWF0ZRoPYWdlbnQud2Vjb2RlLmlvIgAqBGJvdHMyADoAGggIABIAGgAgABoAIgA=',
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SelfSubjectAccessReview',
        metadata: { generation: 0 },
        spec: {
          resourceAttributes: {
            namespace: 'default',
            verb: 'create',
            group: 'agent.wecode.io',
            resource: 'bots',
          },
        },
      },
    ],
  ])('reads a body of kubectl: %s', (base64, expected) => {
    expect(decodeProtobuf(Uint8Array.from(atob(base64), (character) => character.charCodeAt(0)))).toEqual(
      expected,
    );
  });

  it('reads metadata with all that a client may set', () => {
    const metadata = join(
      field(1, 'n'),
      field(2, ''),
      number(7, 3n),
      field(8, join(number(1, 1_767_225_600n))),
      field(11, entry('app', 'x')),
      field(11, entry('__proto__', 'y')),
      field(12, entry('note', 'ü')),
      field(13, join(field(1, 'Thing'), field(3, 't'), field(4, 'u'), field(5, 'v1'), number(7, 1n))),
      field(14, 'a'),
      field(14, 'b'),
      field(17, join(field(1, 'm'), field(2, 'Apply'), field(3, 'v1'), field(7, field(1, '{"f:a":{}}')))),
      Uint8Array.from([((99 << 3) & 0xff) | 0x80 | 1, 6, 0, 0, 0, 0, 0, 0, 0, 0]),
    );
    const decoded = decodeProtobuf(
      envelope('v1', 'Namespace', join(field(1, metadata), field(2, field(1, 'kubernetes')))),
    );
    expect(decoded).toEqual({
      apiVersion: 'v1',
      kind: 'Namespace',
      metadata: {
        name: 'n',
        generation: 3,
        creationTimestamp: '2026-01-01T00:00:00Z',
        labels: JSON.parse('{"app":"x","__proto__":"y"}'),
        annotations: { note: 'ü' },
        ownerReferences: [{ kind: 'Thing', name: 't', uid: 'u', apiVersion: 'v1', blockOwnerDeletion: true }],
        finalizers: ['a', 'b'],
        managedFields: [{ manager: 'm', operation: 'Apply', apiVersion: 'v1', fieldsV1: { 'f:a': {} } }],
      },
      spec: { finalizers: ['kubernetes'] },
    });
    expect(Reflect.get({}, 'y')).toBeUndefined();
  });

  it('reads secrets, events, reviews and options', () => {
    expect(
      decodeProtobuf(
        envelope(
          'v1',
          'Secret',
          join(
            field(2, join(field(1, 'k'), field(2, Uint8Array.from([0, 255])))),
            field(3, 'Opaque'),
            field(4, entry('t', 'plain')),
          ),
        ),
      ),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Secret',
      data: { k: 'AP8=' },
      type: 'Opaque',
      stringData: { t: 'plain' },
    });
    expect(
      decodeProtobuf(
        envelope(
          'v1',
          'Event',
          join(
            field(2, join(field(1, 'Thing'), field(3, 't'))),
            number(8, 2n),
            field(10, join(number(1, 1_767_225_600n), number(2, 5000n))),
          ),
        ),
      ),
    ).toEqual({
      apiVersion: 'v1',
      kind: 'Event',
      involvedObject: { kind: 'Thing', name: 't' },
      count: 2,
      eventTime: '2026-01-01T00:00:00.000005Z',
    });
    expect(
      decodeProtobuf(
        envelope(
          'authorization.k8s.io/v1',
          'SelfSubjectAccessReview',
          field(2, field(1, join(field(2, 'create'), field(5, 'things')))),
        ),
      ),
    ).toMatchObject({ spec: { resourceAttributes: { verb: 'create', resource: 'things' } } });
    expect(
      decodeProtobuf(
        envelope(
          'example.org/v1',
          'DeleteOptions',
          join(number(1, -1n), field(4, 'Foreground'), field(5, 'All')),
        ),
      ),
    ).toEqual({
      apiVersion: 'example.org/v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: -1,
      propagationPolicy: 'Foreground',
      dryRun: ['All'],
    });
  });

  it.each([
    ['nothing', new Uint8Array()],
    ['JSON', new TextEncoder().encode('{"kind":"ConfigMap"}')],
    ['half a field', join(MAGIC, Uint8Array.from([0x0a, 0x20, 0x01]))],
    [
      'a length beyond all measure',
      join(MAGIC, Uint8Array.from([0x12, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x01])),
    ],
    ['an endless number', join(MAGIC, Uint8Array.from(new Array(20).fill(0xff)))],
    ['a group', join(MAGIC, Uint8Array.from([0x0b]))],
    ['field zero', join(MAGIC, Uint8Array.from([0x02, 0x00]))],
    ['text that is no UTF-8', envelope('v1', 'ConfigMap', field(1, field(1, Uint8Array.from([0xff]))))],
    ['a number in place of a message', envelope('v1', 'ConfigMap', number(1, 1n))],
    ['a message in place of a number', envelope('v1', 'ConfigMap', field(4, 'x'))],
    ['a time beyond all measure', envelope('v1', 'Namespace', field(1, field(8, number(1, 2n ** 62n))))],
    [
      'managed fields that are no JSON',
      envelope('v1', 'Namespace', field(1, field(17, field(7, field(1, '{'))))),
    ],
  ])('refuses %s', (_name, body) => {
    expect(() => decodeProtobuf(body)).toThrow(expect.objectContaining({ reason: 'BadRequest' }));
  });

  it('names the kinds that have no protobuf form', () => {
    expect(() => decodeProtobuf(envelope('apps/v1', 'Deployment', new Uint8Array()))).toThrow(
      expect.objectContaining({
        reason: 'UnsupportedMediaType',
        message: expect.stringContaining('"Deployment" of "apps/v1"'),
      }),
    );
    expect(() => decodeProtobuf(envelope('toString', '', new Uint8Array()))).toThrow(ApiError);
  });

  it('reads long lists in no time', () => {
    const empty = Uint8Array.from({ length: 400_000 }, (_, index) => (index % 2 === 0 ? (14 << 3) | 2 : 0));
    const started = performance.now();
    const { metadata } = decodeProtobuf(envelope('v1', 'ConfigMap', field(1, empty)));
    expect(metadata).toEqual({ finalizers: new Array(200_000).fill('') });
    expect(performance.now() - started).toBeLessThan(10_000);
  }, 60_000);

  it('never fails but with an error of the client', () => {
    const kinds = Object.keys(MESSAGES).map(
      (key) => [key.slice(0, key.lastIndexOf('/')), key.slice(key.lastIndexOf('/') + 1)] as const,
    );
    const raw = fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc
        .array(fc.tuple(fc.integer({ min: 1, max: 17 }), fc.uint8Array({ maxLength: 12 })))
        .map((fields) => concatBytes(fields.map(([id, content]) => field(id, content)))),
    );
    fc.assert(
      fc.property(fc.constantFrom(...kinds), raw, raw, ([apiVersion, kind], inner, bytes) => {
        for (const body of [
          envelope(apiVersion, kind, inner),
          envelope(apiVersion, kind, field(1, inner)),
          join(MAGIC, bytes),
          bytes,
        ]) {
          try {
            decodeProtobuf(body);
          } catch (error) {
            if (!(error instanceof ApiError) || error.code >= 500) throw error;
          }
        }
      }),
      { numRuns: 1000, seed: 3 },
    );
  }, 60_000);

  it('reads no field twice and none beyond the end', () => {
    expect([
      ...readFields(join(number(1, 300n), field(2, 'ab'), Uint8Array.from([(3 << 3) | 5, 1, 2, 3, 4]))),
    ]).toEqual([
      { number: 1, type: 'varint', value: 300n },
      { number: 2, type: 'bytes', value: new TextEncoder().encode('ab') },
    ]);
  });
});
