import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type CallOptions, ghost, startResourceServer } from './support/resource-server.ts';

const GHOSTS = '/api/v1/namespaces/bob/ghosts';

let server: Awaited<ReturnType<typeof startResourceServer>>;
let version: number;
beforeAll(async () => {
  server = await startResourceServer();
  await server.call('POST', GHOSTS, { body: ghost('there') });
  version = await server.store.changes.current();
});
afterAll(() => server[Symbol.asyncDispose]());

const bomb = `a: &a [x,x,x,x,x,x,x,x,x]
${'bcdefgh'
  .split('')
  .map((key, index) => `${key}: &${key} [${new Array(9).fill(`*${'abcdefg'[index]}`).join(',')}]`)
  .join('\n')}
kind: Ghost`;

const named = (name: unknown) => ({ kind: 'Ghost', metadata: { name }, spec: { systemPrompt: '' } });

type Case = [
  what: string,
  options: CallOptions & { method?: 'POST' | 'PUT' | 'PATCH' | 'DELETE'; path?: string },
  status: number,
  says: string | RegExp,
];

const CASES: Case[] = [
  ['malformed JSON', { body: '{"kind": ', type: 'application/json' }, 400, /JSON/i],
  ['an empty body', { body: '', type: 'application/json' }, 400, /body/i],
  [
    'malformed YAML',
    { body: 'kind: Ghost\nmetadata: {name: a\nspec: [', type: 'application/yaml' },
    400,
    'the YAML cannot be read at line 3, column 1',
  ],
  [
    'duplicate YAML keys',
    { body: 'kind: Ghost\nkind: Bot', type: 'application/yaml' },
    400,
    'line 2, column 1: Map keys must be unique',
  ],
  ['a YAML bomb', { body: bomb, type: 'application/yaml' }, 400, 'more than 32 aliases'],
  [
    'an anchor that holds itself',
    { body: 'kind: Ghost\nmetadata: {name: a}\nspec: &s {systemPrompt: a, tools: *s}', type: 'text/yaml' },
    422,
    'nested deeper',
  ],
  [
    'an alias without its anchor',
    { body: 'kind: *nowhere', type: 'application/yaml' },
    400,
    'the YAML cannot be read',
  ],
  [
    'YAML tags',
    { body: 'kind: !!js/function Ghost', type: 'application/yaml' },
    400,
    'line 1, column 7: Unresolved tag',
  ],
  [
    'several documents where one is wanted',
    { body: 'kind: Ghost\n---\nkind: Ghost', type: 'application/yaml' },
    400,
    'expected one document, got 2',
  ],
  ['no document', { body: '# nothing', type: 'application/yaml' }, 400, 'the request holds no document'],
  ['another content type', { body: 'x', type: 'application/octet-stream' }, 415, /media type/i],
  ['a list', { body: [ghost('a')] }, 400, 'expected a Ghost document, got a list'],
  [
    'an unknown kind',
    { body: { ...ghost('a'), kind: 'Gadget' } },
    400,
    'the kind in the data (Gadget) does not match',
  ],
  [
    'an unknown plural',
    { path: '/api/v1/namespaces/bob/gadgets', body: {} },
    404,
    'the server could not find the requested resource',
  ],
  [
    'an unknown field',
    { body: ghost('a', { spec: { systemprompt: 'x' } }) },
    422,
    'unknown field "spec.systemprompt"',
  ],
  [
    'a wrong type',
    { body: ghost('a', { spec: { systemPrompt: 7 } }) },
    422,
    'spec.systemPrompt: Invalid value: Invalid input: expected string, received number',
  ],
  ['no spec', { body: { kind: 'Ghost', metadata: { name: 'a' } } }, 422, 'spec.systemPrompt: Required value'],
  ['a path as name', { body: named('../../etc/passwd') }, 422, 'metadata.name'],
  ['two dots in a name', { body: named('a..b') }, 422, 'must not contain ".."'],
  ['NUL in a name', { body: named('a\0b') }, 422, 'NUL'],
  [
    'NUL in text',
    { body: ghost('a', { spec: { systemPrompt: 'a\0' } }) },
    422,
    'spec.systemPrompt: Invalid value: must not hold NUL characters',
  ],
  ['an emoji as name', { body: named('🙂') }, 422, 'must consist of letters'],
  ['300 characters of name', { body: named('x'.repeat(300)) }, 422, 'at most 100 characters'],
  ['HTML as name', { body: named('<script>alert(1)</script>') }, 422, 'must consist of letters'],
  ['a number as name', { body: named(7) }, 422, 'metadata.name'],
  [
    '10,000 labels',
    {
      body: ghost('a', {
        metadata: {
          labels: Object.fromEntries(Array.from({ length: 10_000 }, (_, index) => [`l${index}`, 'x'])),
        },
      }),
    },
    422,
    'at most 64 labels are allowed, 10000 were given',
  ],
  [
    'a label that is none',
    { body: ghost('a', { metadata: { labels: { 'a/b/c': '<b>' } } }) },
    422,
    'is not a valid label key',
  ],
  ['10 MB', { body: ghost('a', { spec: { systemPrompt: 'x'.repeat(10 * 1024 * 1024) } }) }, 413, /large/i],
  [
    '10 MB of YAML',
    { body: `kind: Ghost\nspec: {systemPrompt: ${'x'.repeat(10 * 1024 * 1024)}}`, type: 'application/yaml' },
    413,
    /large/i,
  ],
  [
    'deep nesting',
    {
      body: `{"kind":"Ghost","metadata":{"name":"a"},"spec":${'{"a":'.repeat(500)}1${'}'.repeat(501)}`,
      type: 'application/json',
    },
    422,
    'nested deeper than 64 levels',
  ],
  [
    '__proto__',
    {
      body: '{"kind":"Ghost","metadata":{"name":"a"},"spec":{"systemPrompt":"","__proto__":{"admin":true}}}',
      type: 'application/json',
    },
    400,
    /not valid JSON/,
  ],
  [
    '__proto__ in YAML',
    {
      body: 'kind: Ghost\nmetadata: {name: a}\nspec: {systemPrompt: "", __proto__: {admin: true}}',
      type: 'application/yaml',
    },
    422,
    'spec.__proto__: Forbidden',
  ],
  [
    '__proto__ in a patch',
    {
      method: 'PATCH',
      path: `${GHOSTS}/there`,
      body: '{"spec":{"__proto__":{"admin":true}}}',
      type: 'application/merge-patch+json',
    },
    400,
    '__proto__',
  ],
  ['a name that is taken', { body: ghost('there') }, 409, 'ghosts.agent.wecode.io "there" already exists'],
  [
    'a version on create',
    { body: ghost('a', { metadata: { resourceVersion: '1' } }) },
    400,
    'resourceVersion should not be set',
  ],
  [
    'a stale version',
    { method: 'PUT', path: `${GHOSTS}/there`, body: ghost('there', { metadata: { resourceVersion: '1' } }) },
    409,
    'the object has been modified',
  ],
  [
    'another name than the URL',
    { method: 'PUT', path: `${GHOSTS}/there`, body: ghost('here') },
    400,
    'the name of the object (here) does not match the name on the URL (there)',
  ],
  [
    'another namespace than the URL',
    { body: ghost('a', { metadata: { namespace: 'eve' } }) },
    400,
    'the namespace of the object (eve) does not match',
  ],
  [
    'a missing reference',
    {
      path: '/api/v1/namespaces/bob/bots',
      body: {
        kind: 'Bot',
        metadata: { name: 'a' },
        spec: { ghostRef: { name: 'nope' }, shellRef: { name: 'Chat' } },
      },
    },
    422,
    'ghost "nope" not found in bob or public; available: there, assistant, coder, reviewer, writer',
  ],
  [
    'a Team without members',
    {
      path: '/api/v1/namespaces/bob/teams',
      body: { kind: 'Team', metadata: { name: 'a' }, spec: { members: [] } },
    },
    422,
    'a Team needs at least one member',
  ],
  [
    'a replacement of what is not there',
    { method: 'PUT', path: `${GHOSTS}/nope`, body: ghost('nope') },
    404,
    'ghosts.agent.wecode.io "nope" not found',
  ],
  [
    'a patch that is no JSON',
    { method: 'PATCH', path: `${GHOSTS}/there`, body: '[{', type: 'application/json-patch+json' },
    400,
    'the patch is not valid JSON',
  ],
  [
    'a patch that breaks the schema',
    { method: 'PATCH', path: `${GHOSTS}/there`, body: '{"spec":null}', type: 'application/merge-patch+json' },
    422,
    'spec.systemPrompt: Required value',
  ],
  [
    'a patch into nothing',
    { method: 'PATCH', path: `${GHOSTS}/there`, body: '"text"', type: 'application/merge-patch+json' },
    400,
    'expected a Ghost document, got a string',
  ],
  [
    'a bad parameter',
    { path: `${GHOSTS}?fieldValidation=Maybe`, body: ghost('a') },
    422,
    'querystring.fieldValidation',
  ],
  [
    'a deletion with a bad body',
    { method: 'DELETE', path: `${GHOSTS}/there`, body: { preconditions: 7 } },
    422,
    'preconditions',
  ],
  [
    '1,001 documents',
    { path: '/api/v1/namespaces/bob/apply', body: new Array(1001).fill({}) },
    413,
    'at most 1000 documents',
  ],
];

describe('bad input', () => {
  afterEach(async () => {
    expect(await server.store.changes.current()).toBe(version);
  });

  it.each(CASES)('%s', async (_what, { method = 'POST', path = GHOSTS, ...options }, status, says) => {
    const answer = await server.call(method, path, options);
    expect(answer.body).toMatchObject({
      kind: 'Status',
      apiVersion: 'v1',
      status: 'Failure',
      code: status,
      message: expect.anything(),
    });
    expect(answer.status).toBe(status);
    expect(answer.body.message).toEqual(
      typeof says === 'string' ? expect.stringContaining(says) : expect.stringMatching(says),
    );
    expect(Reflect.get({}, 'admin')).toBeUndefined();
  });
});
