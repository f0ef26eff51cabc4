import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startResourceServer } from './support/resource-server.ts';

const GHOSTS = '/apis/agent.wecode.io/v1/namespaces/bob/ghosts';
const GHOST = {
  apiVersion: 'agent.wecode.io/v1',
  kind: 'Ghost',
  metadata: { name: 'fuzzed', labels: { a: 'b' }, annotations: { 'x/y': 'z' } },
  spec: { systemPrompt: 'x', mcpServers: { m: { type: 'streamable-http', url: 'https://mcp.example/' } } },
  status: {},
};
const PATHS = [
  'apiVersion',
  'kind',
  'metadata',
  'metadata.name',
  'metadata.namespace',
  'metadata.labels',
  'metadata.labels.a',
]
  .concat([
    'metadata.annotations',
    'metadata.managedFields',
    'metadata.finalizers',
    'metadata.ownerReferences',
  ])
  .concat([
    'metadata.resourceVersion',
    'metadata.uid',
    'metadata.deletionTimestamp',
    'spec',
    'spec.systemPrompt',
  ])
  .concat([
    'spec.mcpServers',
    'spec.mcpServers.m',
    'spec.skills',
    'spec.unknown',
    'status',
    'status.conditions',
  ]);

const anything = fc.anything({ maxDepth: 4, withNullPrototype: false, withBigInt: false });
/** A good document with one place replaced by anything: it comes further than noise does. */
const bent = fc.tuple(fc.constantFrom(...PATHS), anything).map(([path, value]) => {
  const document: Record<string, unknown> = structuredClone(GHOST);
  const keys = path.split('.');
  const last = keys.pop() ?? '';
  let place = document;
  for (const key of keys) place = place[key] as Record<string, unknown>;
  place[last] = value;
  return JSON.stringify(document) ?? '';
});
const operations = fc.array(
  fc.record(
    {
      op: fc.constantFrom('add', 'remove', 'replace', 'move', 'copy', 'test', 'eat'),
      path: fc.oneof(fc.constantFrom(...PATHS.map((path) => `/${path.replaceAll('.', '/')}`)), fc.string()),
      from: fc.constantFrom('/spec', '/metadata', '', '/metadata/labels/-'),
      value: anything,
    },
    { requiredKeys: [] },
  ),
  { maxLength: 6 },
);
const body = fc.oneof(
  bent,
  operations.map((list) => JSON.stringify(list)),
  fc.json(),
  fc.string(),
  fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.concat([Buffer.from('k8s\0'), bytes])),
);
const type = fc.constantFrom(
  ...['application/json', 'application/yaml', 'application/merge-patch+json', 'application/json-patch+json'],
  ...['application/strategic-merge-patch+json', 'application/apply-patch+yaml', 'text/plain'],
  'application/vnd.kubernetes.protobuf',
);
const query = fc.constantFrom(
  ...[
    '',
    '?dryRun=All',
    '?fieldManager=f&force=true',
    '?fieldValidation=Warn',
    '?fieldManager=',
    '?dryRun=x',
  ],
  ...['?labelSelector=((', '?fieldSelector=a=b', '?limit=-1', '?continue=%00', '?watch=1&resourceVersion=x'],
  '?propagationPolicy=Foreground',
);
const target = fc.constantFrom('', '/fuzzed', '/fuzzed/status', '/%00', '/missing');

describe('bodies and parameters that nobody thought of', () => {
  let server: Awaited<ReturnType<typeof startResourceServer>>;
  beforeAll(async () => {
    server = await startResourceServer();
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  it('are never a fault of the server, and leave it working', async () => {
    const method = fc.constantFrom('POST', 'PUT', 'PATCH', 'DELETE', 'GET');
    await fc.assert(
      fc.asyncProperty(
        method,
        target,
        query,
        type,
        body,
        async (verb, place, parameters, contentType, payload) => {
          const answer = await server.app.inject({
            method: verb as 'POST',
            url: `${GHOSTS}${place}${parameters}`,
            headers: { 'x-person': 'bob', 'content-type': contentType },
            ...(verb === 'GET' ? {} : { payload }),
          });
          expect(answer.statusCode, answer.body).toBeLessThan(500);
          if (answer.statusCode >= 400)
            expect(answer.json()).toMatchObject({ kind: 'Status', status: 'Failure' });
        },
      ),
      { numRuns: 1500 },
    );
    const after = await server.app.inject({
      method: 'PATCH',
      url: `${GHOSTS}/after?fieldManager=test`,
      headers: { 'x-person': 'bob', 'content-type': 'application/apply-patch+yaml' },
      payload: JSON.stringify({ ...GHOST, metadata: { name: 'after' } }),
    });
    expect(after.statusCode, after.body).toBe(201);
  });
});
