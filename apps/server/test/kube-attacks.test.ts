import { connect } from 'node:net';
import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

const SECRET = 'sk-of-bob-0123456789';
const ENCODED = Buffer.from(SECRET).toString('base64');
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';
const GROUP = '/apis/agent.wecode.io/v1';
const NOBODY = '01940000-0000-7000-8000-000000000000';

interface Raw {
  type?: string;
  accept?: string;
  body?: string | Uint8Array<ArrayBuffer>;
}

let server: ChatServer;
let bob: Person;
/** Maintainer of Bob's group. */
let eve: Person;
/** Developer there. */
let dev: Person;
/** Reporter there. */
let rob: Person;

beforeAll(async () => {
  server = await startChatServer();
  [bob, eve, dev, rob] = await Promise.all([
    server.newPerson('bob'),
    server.newPerson('eve'),
    server.newPerson('dev'),
    server.newPerson('rob'),
  ]);
  await newGroup('crew');
});
afterAll(() => server?.[Symbol.asyncDispose]());

describe('the door', () => {
  test.each([
    '/%61pi',
    '/%61pi/v1/executors',
    '/%61pi/v1/tasks',
    '/%61pis/agent.wecode.io/v1/ghosts',
    '/%61pi/v1/kubeconfig',
  ])('%s is the API, however it is written', async (path) => {
    expect((await server.call('GET', path)).status).toBe(401);
  });

  test('an upgrade to what is no address ends that connection alone', async () => {
    for (const target of ['//', 'http://[', '/api/v1/namespaces/%ff/pods/%/exec', '*'])
      expect(await upgrade(target), target).toMatch(/^(HTTP\/1\.1 4\d\d .*)?$/s);
    expect((await bob.call('GET', '/api/v1/namespaces')).status).toBe(200);
  });

  test.each(['eve%2f..%2fbob', '..%2fbob', 'bob%00', 'BOB', 'bob%2f', 'bob.'])(
    'the namespace %s is not Bob’s',
    async (name) => {
      // The second time it is there already.
      await bob.call('POST', '/api/v1/namespaces/bob/configmaps', { metadata: { name: 'c' } });
      for (const path of [`/api/v1/namespaces/${name}/configmaps`, `/api/v1/namespaces/${name}/configmaps/c`])
        expect([400, 403, 404, 422], path).toContain((await eve.call('GET', path)).status);
    },
  );
});

describe('owners and finalizers', () => {
  test('no link to an owner deletes what one may not delete', async () => {
    const link = { apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: NOBODY };
    const metadata = { ownerReferences: [link] };
    await newTask('kept', ['eve']);
    for (const [who, path] of [
      [eve, '/api/v1/namespaces/crew'],
      [eve, '/api/v1/namespaces/eve'],
      [server.admin, '/api/v1/namespaces/public'],
      [eve, `${GROUP}/namespaces/crew/tasks/kept`],
    ] as const)
      for (const [type, body] of [
        [MERGE, { metadata }],
        [STRATEGIC, { metadata }],
        [JSON_PATCH, [{ op: 'add', path: '/metadata/ownerReferences', value: [link] }]],
      ] as const)
        expect((await patch(who, path, type, body)).body, `${path} ${type}`).toMatchObject({
          reason: 'Forbidden',
        });
    // The collector has not been stopped by any of it.
    await collected(eve, 'eve');
    for (const path of ['/api/v1/namespaces/crew', `${GROUP}/namespaces/crew/tasks/kept`])
      expect((await bob.call('GET', path)).body.metadata.deletionTimestamp, path).toBeUndefined();
  });

  test('nobody holds up a deletion from another namespace', async () => {
    const group = await newGroup('held');
    const owner = (
      await must(bob.call('POST', '/api/v1/namespaces/bob/configmaps', { metadata: { name: 'owner' } }))
    ).body.metadata;
    const claim = (name: string, link: object) =>
      eve.call('POST', '/api/v1/namespaces/eve/configmaps', {
        metadata: {
          name,
          finalizers: ['example.org/never'],
          ownerReferences: [{ apiVersion: 'v1', blockOwnerDeletion: true, ...link }],
        },
      });
    await must(claim('claim-1', { kind: 'ConfigMap', name: 'owner', uid: owner.uid }));
    expect((await claim('claim-2', { kind: 'Namespace', name: 'bob', uid: NOBODY })).body).toMatchObject({
      reason: 'Forbidden',
      message: expect.stringContaining('blockOwnerDeletion'),
    });
    // Under a name of one's own it is no link to that of another.
    await must(claim('claim-3', { kind: 'Namespace', name: 'eve', uid: group.uid }));
    for (const path of ['/api/v1/namespaces/bob/configmaps/owner', '/api/v1/namespaces/held']) {
      await must(bob.call('DELETE', `${path}?propagationPolicy=Foreground`));
      await waitFor(async () => (await bob.call('GET', path)).status === 404, { what: `${path} to go` });
    }
  });

  test('a group is deleted by its Owner alone, and its name brings no role back', async () => {
    await newGroup('again');
    const path = '/api/v1/namespaces/again';
    for (const who of [eve, dev, rob]) expect((await who.call('DELETE', path)).status).toBe(403);
    const watching = await open(eve, `${path}/configmaps?watch=1`);
    await must(bob.call('DELETE', path));
    await waitFor(async () => (await bob.call('GET', path)).status === 404, { what: 'the group to go' });
    await watching.ended();
    await must(dev.call('POST', '/api/v1/namespaces', { metadata: { name: 'again' } }));
    await must(dev.call('POST', `${path}/configmaps`, { metadata: { name: 'new' } }));
    for (const who of [bob, eve, rob]) {
      expect((await who.call('GET', path)).status).toBe(404);
      expect((await who.call('GET', `${path}/configmaps/new`)).status).toBe(404);
      expect((await who.call('GET', '/api/v1/configmaps')).text).not.toContain('"again"');
    }
  });

  test('a namespace is what it was made as', async () => {
    const labels = { 'agent.wecode.io/namespace-type': 'group', 'kubernetes.io/metadata.name': 'bob' };
    await patch(eve, '/api/v1/namespaces/eve', MERGE, { metadata: { labels } });
    expect((await eve.call('GET', '/api/v1/namespaces/eve')).body.metadata.labels).toEqual({
      'agent.wecode.io/namespace-type': 'personal',
      'kubernetes.io/metadata.name': 'eve',
    });
    expect((await eve.call('DELETE', '/api/v1/namespaces/eve')).status).toBe(403);
    const role = { 'agent.wecode.io/role': 'Owner' };
    await patch(eve, '/api/v1/namespaces/crew', MERGE, { metadata: { annotations: role } });
    expect((await rob.call('GET', '/api/v1/namespaces/crew')).body.metadata.annotations).toEqual({
      'agent.wecode.io/role': 'Reporter',
    });
  });
});

describe('what the platform says of an object', () => {
  const forged = {
    uid: NOBODY,
    generation: 99,
    creationTimestamp: '2001-01-01T00:00:00Z',
    deletionTimestamp: '2001-01-01T00:00:00Z',
  };

  test('is not for others to say: new objects and patches', async () => {
    const path = `${GROUP}/namespaces/dev/ghosts`;
    const made = await must(
      dev.call('POST', path, {
        ...document('Ghost', 'forged', { systemPrompt: 'x' }),
        metadata: { name: 'forged', ...forged, managedFields: [{ manager: 'bob', operation: 'Apply' }] },
        status: { state: 'Forged', observedGeneration: 99 },
      }),
    );
    expect(made.body).toMatchObject({
      metadata: { generation: 1, managedFields: [{ manager: 'node', operation: 'Update' }] },
      status: { state: 'Available', observedGeneration: 1 },
    });
    const { uid, creationTimestamp } = made.body.metadata;
    expect(uid).not.toBe(NOBODY);
    const { uid: _uid, ...rest } = forged;
    const patched = await patch(dev, `${path}/forged`, MERGE, {
      metadata: rest,
      status: { state: 'Forged' },
    });
    expect(patched.body.metadata).toMatchObject({ uid, creationTimestamp, generation: 1 });
    expect(patched.body.metadata.deletionTimestamp).toBeUndefined();
    expect((await dev.call('GET', `${path}/forged`)).body.status.state).toBe('Available');
    expect((await patch(dev, `${path}/forged`, MERGE, { metadata: { uid: NOBODY } })).status).toBe(409);
    const task = await must(
      dev.call('POST', `${GROUP}/namespaces/dev/tasks`, {
        ...document('Task', 'done', { prompt: 'x', teamRef: { name: 'assistant' } }),
        status: { phase: 'Completed', resultText: 'forged' },
      }),
    );
    expect(task.body.status).toMatchObject({ phase: 'Pending' });
    expect(task.text).not.toContain('forged');
  });

  test('an Event is about what lies beside it', async () => {
    const event = (namespace: string) =>
      dev.call('POST', '/api/v1/namespaces/dev/events?dryRun=All', {
        metadata: { name: 'e' },
        involvedObject: { kind: 'Ghost', name: 'x', namespace },
        reason: 'Looked',
      });
    expect((await event('dev')).status).toBe(201);
    expect((await event('bob')).body).toMatchObject({
      reason: 'Invalid',
      details: { causes: [{ field: 'involvedObject.namespace' }] },
    });
  });

  test('an Event about a Task of others is seen by nobody, and says nothing in their list', async () => {
    const { uid } = await newTask('private', []);
    await must(
      dev.call('POST', '/api/v1/namespaces/crew/events', {
        metadata: { name: 'made-up' },
        involvedObject: { kind: 'Task', name: 'private' },
        reason: 'MadeUp',
      }),
    );
    for (const who of [bob, dev, eve])
      expect((await who.call('GET', '/api/v1/namespaces/crew/events')).text).not.toContain('MadeUp');
    expect(
      (await eve.call('GET', `/api/v1/events?fieldSelector=involvedObject.uid=${uid}`)).body.items,
    ).toEqual([]);
  });
});

describe('sealed values', () => {
  const core = '/api/v1/namespaces/crew/secrets';
  const models = `${GROUP}/namespaces/crew/models`;

  beforeAll(async () => {
    const env = { model: 'openai', model_id: 'x', api_key: SECRET };
    await must(
      bob.call('POST', core, { metadata: { name: 's' }, stringData: { key: SECRET }, immutable: false }),
    );
    await must(bob.call('POST', models, document('Model', 'm', { modelConfig: { env } })));
  });

  test('are in no form of reading', async () => {
    for (const who of [bob, dev, rob])
      for (const collection of [core, models])
        for (const accept of [
          'application/json',
          'application/yaml',
          'application/json;as=Table;g=meta.k8s.io;v=v1',
          'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
          'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
        ])
          for (const query of [
            '?includeObject=Object',
            '?watch=1&timeoutSeconds=0.05&includeObject=Object',
            '?watch=1&timeoutSeconds=0.05&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true',
          ])
            await expectSealed(await raw(who, 'GET', collection + query, { accept }));
  });

  test('are not found by guessing', async () => {
    for (const selector of [
      `data.key=${ENCODED}`,
      `data.key=${SECRET}`,
      'data.key=KioqKioqKio=',
      'stringData.key=x',
    ])
      expect(
        (await rob.call('GET', `${core}?fieldSelector=${encodeURIComponent(selector)}`)).status,
        selector,
      ).toBe(400);
    const field = `spec.modelConfig.env.api_key=${SECRET}`;
    expect((await rob.call('GET', `${models}?fieldSelector=${encodeURIComponent(field)}`)).status).toBe(400);
    // The right value and a wrong one of the same length: the answers are the same.
    for (const [path, pointer, right, wrong] of [
      [`${core}/s`, '/data/key', ENCODED, Buffer.from(SECRET.replace('bob', 'eve')).toString('base64')],
      [`${models}/m`, '/spec/modelConfig/env/api_key', SECRET, SECRET.replace('bob', 'eve')],
    ] as const) {
      const tried = async (value: string) =>
        (await patch(dev, `${path}?dryRun=All`, JSON_PATCH, [{ op: 'test', path: pointer, value }])).text;
      const answer = await tried(right);
      expect(answer).toContain('the test failed');
      expect(answer).toBe(await tried(wrong));
    }
  });

  test('are in no refusal and in no rehearsal', async () => {
    const config = (key: string) => ({
      ...document('Model', 'm', { modelConfig: { env: { api_key: key } } }),
    });
    const refused = [
      await patch(dev, `${models}/m?fieldManager=other&dryRun=All`, APPLY, config('guess')),
      await patch(dev, `${models}/m`, MERGE, { spec: { modelConfig: { env: { model: 7 } } } }),
      await patch(dev, `${models}/m`, MERGE, { metadata: { resourceVersion: '1' } }),
      await patch(dev, `${models}/m`, STRATEGIC, { spec: { modelConfig: { $patch: 'merge-it' } } }),
      await patch(dev, `${models}/m`, JSON_PATCH, [
        { op: 'move', from: '/spec/modelConfig/env/api_key', path: '/spec/modelConfig/env/model_id/x' },
      ]),
      await patch(dev, `${core}/s`, JSON_PATCH, [{ op: 'copy', from: '/data/key', path: '/data/other' }]),
      await patch(dev, `${core}/s`, MERGE, { data: { key: 'not base64!' } }),
    ];
    for (const answer of refused) {
      expect([400, 409, 422], answer.text).toContain(answer.status);
      await expectSealed(answer);
    }
    const rehearsed = [
      await patch(dev, `${models}/m?dryRun=All`, STRATEGIC, { spec: { $patch: 'delete' } }),
      await patch(dev, `${models}/m?fieldManager=o&force=true&dryRun=All`, APPLY, config('********')),
      await raw(dev, 'GET', `${models}/m?dryRun=All`, {}),
      await patch(dev, `${models}/m?dryRun=All`, MERGE, { metadata: { labels: { a: 'b' } } }),
    ];
    for (const answer of rehearsed) await expectSealed(answer);
    expect((await patch(rob, `${models}/m?fieldManager=o&dryRun=All`, APPLY, config('x'))).status).toBe(403);
    expect((await rob.call('POST', `${models}?dryRun=All`, config('x'))).status).toBe(403);
    const changes = await server.store.changes.after(0, 10_000);
    expect(JSON.stringify(changes)).not.toMatch(new RegExp(`${SECRET}|${ENCODED}`));
    expect(server.log.join('')).not.toMatch(new RegExp(`${SECRET}|${ENCODED}`));
  });

  async function expectSealed(answer: { text: string }): Promise<void> {
    expect(answer.text).not.toContain(SECRET);
    expect(answer.text).not.toContain(ENCODED);
    expect(answer.text).not.toContain('enc:v1:');
  }
});

describe('lists and watches', () => {
  const maps = '/api/v1/namespaces/bob/configmaps';

  test('a continue token leads nobody to what is not theirs', async () => {
    for (const name of ['p1', 'p2', 'p3']) await bob.call('POST', maps, { metadata: { name } });
    const { metadata } = (await must(bob.call('GET', `${maps}?limit=1`))).body;
    const forged = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const token of [
      metadata.continue,
      forged({ rv: 1, after: { namespace: 'bob', name: 'p1' } }),
      forged({ rv: 1, after: { namespace: 'a', name: '' } }),
      forged({ rv: 9e15, after: { namespace: 'bob', name: "p1' OR 1=1 --" } }),
      `${metadata.continue.slice(0, -4)}AAAA`,
    ])
      for (const path of [
        '/api/v1/configmaps',
        '/api/v1/secrets',
        '/api/v1/namespaces/eve/configmaps',
        maps,
      ]) {
        const answer = await eve.call('GET', `${path}?continue=${token}`);
        expect([200, 400, 403, 410], path).toContain(answer.status);
        expect(answer.text).not.toContain('"p2"');
      }
  });

  test.each([
    [
      'the API key is deleted',
      async (person: Person, id: string) => person.call('DELETE', `/api/v1/users/me/api-keys/${id}`),
    ],
    [
      'the account is disabled',
      async ({ user }: Person) =>
        server.admin.call('PATCH', `/api/v1/admin/users/${user.id}`, { disabled: true }),
    ],
    [
      'the membership is taken away',
      async ({ user }: Person) => bob.call('DELETE', `/api/v1/namespaces/crew/members/${user.username}`),
    ],
  ])('a watch ends when %s', async (what, end) => {
    const person = await server.newPerson(`w${what.length}`);
    await must(
      bob.call('PUT', `/api/v1/namespaces/crew/members/${person.user.username}`, { role: 'Reporter' }),
    );
    const key = (await must(person.call('POST', '/api/v1/users/me/api-keys', { name: 'k' }))).body;
    const path = '/api/v1/namespaces/crew/configmaps?watch=1';
    const here = await open({ token: key.key }, path);
    const everywhere = await open({ token: key.key }, '/api/v1/configmaps?watch=1');
    await must(end(person, key.id));
    const name = `after-${what.length}`;
    await must(bob.call('POST', '/api/v1/namespaces/crew/configmaps', { metadata: { name } }));
    expect(await here.ended()).not.toContain(name);
    if (what !== 'the membership is taken away') expect(await everywhere.ended()).not.toContain(name);
    else {
      const own = `/api/v1/namespaces/${person.user.username}/configmaps`;
      await must(person.call('POST', own, { metadata: { name: 'own' } }));
      expect(await everywhere.until('"own"')).not.toContain(name);
    }
  });
});

test('log and events of a Task end for whoever is taken out of it, or may not sign in any more', async () => {
  const out = await server.newPerson('out');
  const off = await server.newPerson('off');
  const { uid } = await newTask('followed', ['out', 'off']);
  const run = await server.nextRun(uid);
  await run.start();
  await run.text('before');
  const paths = ['/api/v1/namespaces/crew/pods/followed/log?follow=true', `/api/v1/tasks/${uid}/events`];
  const streams = await Promise.all([out, off].flatMap((who) => paths.map((path) => open(who, path))));
  await Promise.all(streams.map((stream) => stream.until('before')));
  await must(bob.call('PATCH', `/api/v1/tasks/${uid}`, { participants: ['off'] }));
  await must(server.admin.call('PATCH', `/api/v1/admin/users/${off.user.id}`, { disabled: true }));
  await run.text('after');
  for (const stream of streams) expect(await stream.ended()).not.toContain('after');
  await run.finish();
});

describe('bodies', () => {
  const path = '/api/v1/namespaces/dev/configmaps/bodies';
  const deep = (depth: number) => `${'{"a":'.repeat(depth)}1${'}'.repeat(depth)}`;
  const doubling = Array.from({ length: 400 }, () => ({ op: 'copy', from: '/data', path: '/data/x' }));

  beforeAll(async () => {
    const data = { big: 'x'.repeat(50_000) };
    await must(dev.call('POST', '/api/v1/namespaces/dev/configmaps', { metadata: { name: 'bodies' }, data }));
  });

  test.each<[string, string, string | Uint8Array<ArrayBuffer>]>([
    ['__proto__, merge', MERGE, '{"metadata":{"__proto__":{"admin":true}}}'],
    ['__proto__, strategic', STRATEGIC, '{"metadata":{"__proto__":{"admin":true}}}'],
    ['__proto__, JSON', JSON_PATCH, '[{"op":"add","path":"/data/__proto__/admin","value":"1"}]'],
    [
      'constructor.prototype, JSON',
      JSON_PATCH,
      '[{"op":"add","path":"/constructor/prototype/admin","value":"1"}]',
    ],
    [
      '__proto__, apply',
      APPLY,
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"__proto__":{"admin":true}}}',
    ],
    ['constructor, merge', MERGE, '{"metadata":{"constructor":{"prototype":{"admin":true}}}}'],
    ['copies that double', JSON_PATCH, JSON.stringify(doubling)],
    ['depth, merge', MERGE, deep(5_000)],
    ['depth, strategic', STRATEGIC, deep(5_000)],
    ['depth, apply', APPLY, deep(5_000)],
    ['depth, JSON', JSON_PATCH, `[{"op":"add","path":"/data","value":${deep(5_000)}}]`],
    ['a YAML bomb, apply', APPLY, yamlBomb()],
    ['too much', MERGE, `{"data":{"a":"${'x'.repeat(3 * 1024 * 1024)}"}}`],
    ['wild lengths, protobuf', 'application/vnd.kubernetes.protobuf', protobuf(0xff, 0xff, 0xff, 0xff, 0x7f)],
    ['$patch in odd places', STRATEGIC, '{"$patch":"delete"}'],
    ['$patch in odd places', STRATEGIC, '{"metadata":{"$patch":"delete"}}'],
    ['$patch in odd places', STRATEGIC, '{"data":{"$patch":7}}'],
    ['$retainKeys in odd places', STRATEGIC, '{"data":{"$retainKeys":"x"}}'],
  ])('%s', async (_what, type, body) => {
    const before = (await dev.call('GET', path)).text;
    const answer = await raw(dev, 'PATCH', `${path}?fieldManager=m`, { type, body });
    expect([400, 413, 415, 422], answer.text.slice(0, 300)).toContain(answer.status);
    expect(Reflect.get({}, 'admin')).toBeUndefined();
    expect((await dev.call('GET', path)).text).toBe(before);
  });
});

async function newGroup(name: string): Promise<{ uid: string }> {
  const made = await must(bob.call('POST', '/api/v1/namespaces', { metadata: { name } }));
  for (const [person, role] of [
    [eve, 'Maintainer'],
    [dev, 'Developer'],
    [rob, 'Reporter'],
  ] as const)
    await must(bob.call('PUT', `/api/v1/namespaces/${name}/members/${person.user.username}`, { role }));
  return made.body.metadata;
}

async function newTask(name: string, participants: readonly string[]): Promise<{ uid: string }> {
  const spec = { prompt: '@assistant x', teamRef: { name: 'assistant' }, participants };
  const made = await must(bob.call('POST', `${GROUP}/namespaces/crew/tasks`, document('Task', name, spec)));
  return made.body.metadata;
}

/** Waits until the collector has seen everything up to now. */
async function collected(person: Person, namespace: string): Promise<void> {
  const path = `/api/v1/namespaces/${namespace}/configmaps`;
  const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: NOBODY }];
  await must(person.call('POST', path, { metadata: { name: 'litter', ownerReferences } }));
  await waitFor(async () => (await person.call('GET', `${path}/litter`)).status === 404, {
    what: 'what nobody owns to go',
  });
}

async function raw(
  { token }: Pick<Person, 'token'>,
  method: string,
  path: string,
  { type = 'application/json', accept = 'application/json', body }: Raw,
) {
  const answer = await fetch(server.url + path, {
    method,
    headers: {
      authorization: `Bearer ${token}`,
      accept,
      ...(body === undefined ? {} : { 'content-type': type }),
    },
    ...(body === undefined ? {} : { body }),
  });
  return { status: answer.status, text: await answer.text() };
}

async function patch(person: Person, path: string, type: string, body: unknown) {
  const answer = await raw(person, 'PATCH', path, { type, body: JSON.stringify(body) });
  return { ...answer, body: JSON.parse(answer.text) };
}

/** Opens a stream, and says when it has ended or has said something, with all that it has said. */
async function open({ token }: Pick<Person, 'token'>, path: string) {
  const answer = await fetch(server.url + path, { headers: { authorization: `Bearer ${token}` } });
  expect(answer.status).toBe(200);
  let text = '';
  let isOver = false;
  void (async () => {
    const decoder = new TextDecoder();
    for await (const chunk of answer.body ?? []) text += decoder.decode(chunk, { stream: true });
  })()
    .catch(() => {})
    .finally(() => {
      isOver = true;
    });
  return {
    async ended(): Promise<string> {
      await waitFor(() => isOver, { what: `${path} to end` });
      return text;
    },
    async until(part: string): Promise<string> {
      await waitFor(() => text.includes(part), { what: `${path} to say ${part}` });
      return text;
    },
  };
}

function upgrade(target: string): Promise<string> {
  return new Promise((resolve) => {
    const head = `GET ${target} HTTP/1.1\r\nhost: x\r\nconnection: Upgrade\r\nupgrade: websocket\r\n\r\n`;
    let text = '';
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1', () => socket.write(head));
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.once('error', () => {});
    socket.once('close', () => resolve(text));
  });
}

function yamlBomb(): string {
  const levels = Array.from({ length: 9 }, (_, level) => {
    const below = level === 0 ? 'x' : `*a${level - 1}`;
    return `a${level}: &a${level} [${new Array(9).fill(below).join(', ')}]`;
  });
  return `apiVersion: v1\nkind: ConfigMap\n${levels.join('\n')}\n`;
}

function protobuf(...bytes: number[]): Uint8Array<ArrayBuffer> {
  return new Uint8Array([...Buffer.from('k8s\0'), 0x0a, ...bytes]);
}

async function must<Answer extends { status: number; text: string }>(call: Promise<Answer>): Promise<Answer> {
  const answer = await call;
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer;
}
