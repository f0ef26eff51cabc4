import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { document, type Person, startChatServer } from './support/chat-server.ts';

const APPLY = 'application/apply-patch+yaml';
const MERGE = 'application/merge-patch+json';
const GHOSTS = '/apis/agent.wecode.io/v1/namespaces/bob/ghosts';
const MODELS = '/apis/agent.wecode.io/v1/namespaces/bob/models';
const MAPS = '/api/v1/namespaces/bob/configmaps';

/** What the tests look at in objects and tables. */
interface Seen {
  columnDefinitions?: unknown;
  status?: { conditions?: { type: string; status: string; reason: string }[] };
}

interface WatchLine {
  type: string;
  object: Seen;
}

describe('objects in the way of Kubernetes', () => {
  let server: Awaited<ReturnType<typeof startChatServer>>;
  let bob: Person;
  let eve: Person;

  beforeAll(async () => {
    server = await startChatServer();
    [bob, eve] = [await server.newPerson('bob'), await server.newPerson('eve')];
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test('the form of an answer is what was asked for', async () => {
    await bob.call('POST', GHOSTS, document('Ghost', 'formed', { systemPrompt: 'x' }));
    const as = (form: string) =>
      ask('GET', `${GHOSTS}/formed`, {
        accept: `application/json;as=${form};g=meta.k8s.io;v=v1,application/json`,
      });
    expect((await as('Table')).body).toMatchObject({
      kind: 'Table',
      rows: [{ cells: expect.arrayContaining(['formed']) }],
    });
    const partial = (await as('PartialObjectMetadata')).body;
    expect(partial).toMatchObject({ kind: 'PartialObjectMetadata', metadata: { name: 'formed' } });
    expect(partial.spec).toBeUndefined();
    expect((await ask('GET', `${GHOSTS}/formed`, { accept: 'application/yaml' })).text).toContain(
      'systemPrompt: x\n',
    );
    expect((await ask('GET', `${GHOSTS}/formed`, { accept: 'text/csv' })).body).toMatchObject({
      reason: 'NotAcceptable',
      code: 406,
    });
    expect((await ask('GET', '/api', { accept: 'application/json' })).body.versions).toEqual(['v1']);
    const aggregated = await ask('GET', '/apis', {
      accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    });
    expect(aggregated.headers.get('content-type')).toMatch(/as="?APIGroupDiscoveryList/);
  });

  test('an address that cannot be read is answered with a Status as well', async () => {
    expect((await ask('GET', `${GHOSTS}/%zz`)).body).toMatchObject({
      kind: 'Status',
      reason: 'BadRequest',
      code: 400,
    });
  });

  test('a schema that a client has already is not sent again', async () => {
    const { paths } = (await ask('GET', '/openapi/v3')).body;
    const url = server.url + paths['apis/agent.wecode.io/v1'].serverRelativeURL;
    const first = await fetch(url);
    expect(first.status).toBe(200);
    const again = (etag: string) => fetch(url, { headers: { 'if-none-match': etag } });
    expect((await again(first.headers.get('etag') ?? '')).status).toBe(304);
    expect((await again('"another"')).status).toBe(200);
  });

  test('old and new ways to send a body', async () => {
    const bare = await ask('POST', MAPS, {
      body: JSON.stringify({ metadata: { name: 'bare' }, data: { a: 'b' } }),
      type: null,
    });
    expect(bare.body).toMatchObject({ kind: 'ConfigMap', data: { a: 'b' } });
    const binary = await ask('POST', MAPS, {
      body: protobufMap('binary', 'a', 'b'),
      type: 'application/vnd.kubernetes.protobuf',
    });
    expect(binary.body).toMatchObject({ metadata: { name: 'binary' }, data: { a: 'b' } });
    expect(
      (await ask('POST', MAPS, { body: 'k8s\0nonsense', type: 'application/vnd.kubernetes.protobuf' }))
        .status,
    ).toBe(400);
    expect((await ask('POST', MAPS, { body: 'a=b', type: 'application/x-www-form-urlencoded' })).status).toBe(
      415,
    );
    expect((await ask('POST', MAPS, { body: '{', type: null })).status).toBe(400);
  });

  test('secrets of applied documents: no false conflict, and nothing of them anywhere', async () => {
    const config = (key: string) => ({
      ...document('Model', 'applied', {
        modelConfig: { env: { model: 'openai', model_id: 'demo', api_key: key } },
      }),
    });
    expect((await apply(MODELS, 'applied', config('sk-one'), 'git')).status).toBe(201);
    const again = await apply(MODELS, 'applied', config('sk-one'), 'git');
    const shared = await apply(MODELS, 'applied', config('sk-one'), 'other');
    expect([again.status, shared.status]).toEqual([200, 200]);
    expect((await apply(MODELS, 'applied', config('sk-two'), 'third')).body).toMatchObject({
      reason: 'Conflict',
      details: { causes: [{ reason: 'FieldManagerConflict' }, { reason: 'FieldManagerConflict' }] },
    });
    const seen = (await bob.call('GET', `${MODELS}/applied`)).text;
    expect(seen).toContain('"f:api_key"');
    expect(seen).not.toContain('sk-one');
    // What was applied twice was written once.
    const stored = await apply(MODELS, 'applied', config('sk-one'), 'git');
    expect(stored.body.metadata.resourceVersion).toBe(shared.body.metadata.resourceVersion);
  });

  test('a Secret is sealed, and its values stay when the mask comes back', async () => {
    const path = '/api/v1/namespaces/bob/secrets';
    const made = await bob.call('POST', path, {
      metadata: { name: 's' },
      stringData: { key: 'sk-sealed' },
      data: { other: 'c2stb3RoZXI=' },
    });
    expect(made.body.data).toEqual({ key: 'KioqKioqKio=', other: 'KioqKioqKio=' });
    const before = await server.store.resources.get('Secret', 'bob', 's');
    expect(JSON.stringify(before)).not.toMatch(/sk-sealed|c2stc2VhbGVk|c2stb3RoZXI/);
    const back = await bob.call('PUT', `${path}/s`, {
      ...made.body,
      metadata: { name: 's', labels: { a: 'b' } },
    });
    expect(back.status, back.text).toBe(200);
    expect((await server.store.resources.get('Secret', 'bob', 's'))?.spec).toEqual(before?.spec);
    const bad = await bob.call('POST', path, {
      metadata: { name: 't' },
      data: { a: 'no base64!' },
      bogus: 1,
    });
    expect(bad.body.details.causes.map(({ field }: { field: string }) => field)).toEqual(
      expect.arrayContaining(['data.a']),
    );
    const applied = JSON.stringify({
      kind: 'Secret',
      data: { key: 'c2stc2VhbGVk' },
      stringData: { x: 'sk-sealed' },
    });
    const annotated = await bob.call('POST', path, {
      metadata: { name: 'u', annotations: { 'kubectl.kubernetes.io/last-applied-configuration': applied } },
    });
    expect(annotated.text).not.toMatch(/sk-sealed|c2stc2VhbGVk/);
  });

  test('versions of lists and watches', async () => {
    const list = (query: string) => bob.call('GET', `${GHOSTS}?${query}`);
    expect((await list('resourceVersion=0&limit=500')).status).toBe(200);
    expect((await list('resourceVersion=900000000')).body).toMatchObject({
      code: 504,
      details: { causes: [{ reason: 'ResourceVersionTooLarge' }] },
    });
    expect((await list('resourceVersion=1&resourceVersionMatch=Exact')).body).toMatchObject({
      reason: 'Expired',
      code: 410,
    });
    const { body } = await bob.call('GET', GHOSTS);
    const lines = watch(
      `${GHOSTS}?watch=True&resourceVersion=${body.metadata.resourceVersion}&timeoutSeconds=2`,
      'application/json;as=Table;g=meta.k8s.io;v=v1',
    );
    await bob.call('POST', GHOSTS, document('Ghost', 'seen', { systemPrompt: 'x' }));
    await raw('PATCH', `${GHOSTS}/seen`, MERGE, { metadata: { labels: { a: 'b' } } });
    await bob.call('DELETE', `${GHOSTS}/seen`);
    const events = await lines;
    expect(events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    expect(events.map(({ object }) => object.columnDefinitions === null)).toEqual([false, true, true]);
  });

  test('initial events of a watch end with a bookmark', async () => {
    const events = await watch(
      `${MAPS}?watch=1&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=1`,
    );
    const marks = events.filter(({ type }) => type === 'BOOKMARK');
    expect(marks[0]?.object).toMatchObject({
      kind: 'ConfigMap',
      apiVersion: 'v1',
      metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } },
    });
  });

  test('finalizers keep an object, and may only go once it is being deleted', async () => {
    await bob.call('POST', MAPS, { metadata: { name: 'kept', finalizers: ['example.org/a'] } });
    const deleted = await bob.call('DELETE', `${MAPS}/kept`);
    expect(deleted.body).toMatchObject({
      kind: 'ConfigMap',
      metadata: { deletionTimestamp: expect.any(String) },
    });
    const more = await raw('PATCH', `${MAPS}/kept`, MERGE, {
      metadata: { finalizers: ['example.org/a', 'example.org/b'] },
    });
    expect(more.body).toMatchObject({
      reason: 'Invalid',
      details: { causes: [{ field: 'metadata.finalizers' }] },
    });
    expect((await raw('PATCH', `${MAPS}/kept`, MERGE, { metadata: { finalizers: null } })).status).toBe(200);
    expect((await bob.call('GET', `${MAPS}/kept`)).status).toBe(404);
  });

  test('what nobody owns any more goes; what is orphaned stays', async () => {
    for (const [owner, policy, remains] of [
      ['one', 'Background', false],
      ['two', 'Foreground', false],
      ['three', 'Orphan', true],
    ] as const) {
      const made = await bob.call('POST', MAPS, { metadata: { name: owner } });
      const ownerReferences = [
        {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          name: owner,
          uid: made.body.metadata.uid,
          blockOwnerDeletion: true,
        },
      ];
      await bob.call('POST', MAPS, { metadata: { name: `of-${owner}`, ownerReferences } });
      await bob.call('DELETE', `${MAPS}/${owner}?propagationPolicy=${policy}`);
      await waitFor(async () => (await bob.call('GET', `${MAPS}/${owner}`)).status === 404, {
        what: `${owner} to go`,
      });
      if (remains) {
        expect((await bob.call('GET', `${MAPS}/of-${owner}`)).body.metadata.ownerReferences ?? []).toEqual(
          [],
        );
      } else
        await waitFor(async () => (await bob.call('GET', `${MAPS}/of-${owner}`)).status === 404, {
          what: `what ${owner} owned to go`,
        });
    }
    // An owner in another namespace is none.
    const foreign = await eve.call('POST', '/api/v1/namespaces/eve/configmaps', {
      metadata: { name: 'foreign' },
    });
    await bob.call('POST', MAPS, {
      metadata: {
        name: 'claims',
        ownerReferences: [
          { apiVersion: 'v1', kind: 'ConfigMap', name: 'foreign', uid: foreign.body.metadata.uid },
        ],
      },
    });
    await waitFor(async () => (await bob.call('GET', `${MAPS}/claims`)).status === 404, {
      what: 'a claim on what is not here to go',
    });
    expect((await eve.call('GET', '/api/v1/namespaces/eve/configmaps/foreign')).status).toBe(200);
  });

  test('a Namespace is emptied before it goes, and takes nothing new meanwhile', async () => {
    const list = await bob.call('GET', '/api/v1/namespaces');
    const seen = watch(
      `/api/v1/namespaces?watch=1&resourceVersion=${list.body.metadata.resourceVersion}&timeoutSeconds=5`,
    );
    expect((await bob.call('POST', '/api/v1/namespaces', { metadata: { name: 'brief' } })).status).toBe(201);
    const inside = '/api/v1/namespaces/brief';
    await bob.call('POST', `${inside}/configmaps`, {
      metadata: { name: 'held', finalizers: ['example.org/a'] },
    });
    await bob.call('POST', `${inside}/ghosts`, document('Ghost', 'g', { systemPrompt: 'x' }));
    const deleted = await bob.call('DELETE', inside);
    expect(deleted.body).toMatchObject({ kind: 'Namespace', status: { phase: 'Terminating' } });
    expect(
      (await bob.call('POST', `${inside}/configmaps`, { metadata: { name: 'late' } })).body,
    ).toMatchObject({
      reason: 'Forbidden',
      details: { causes: [{ reason: 'NamespaceTerminating' }] },
    });
    await waitFor(async () => (await bob.call('GET', `${inside}/ghosts/g`)).status === 404, {
      what: 'the Ghost to go',
    });
    await waitFor(
      async () => (await bob.call('GET', `${inside}/configmaps/held`)).body.metadata?.deletionTimestamp,
      { what: 'the mark' },
    );
    expect((await bob.call('GET', inside)).status).toBe(200);
    await raw('PATCH', `${inside}/configmaps/held`, MERGE, { metadata: { finalizers: null } });
    await waitFor(async () => (await bob.call('GET', inside)).status === 404, {
      what: 'the Namespace to go',
    });
    expect((await seen).map(({ type }) => type)).toEqual(
      expect.arrayContaining(['ADDED', 'MODIFIED', 'DELETED']),
    );
    // The name is free, and its new owner has nothing of the old one.
    expect((await eve.call('POST', '/api/v1/namespaces', { metadata: { name: 'brief' } })).status).toBe(201);
    expect((await bob.call('GET', inside)).status).toBe(404);
    for (const name of ['public', 'bob'])
      expect((await bob.call('DELETE', `/api/v1/namespaces/${name}`)).status, name).toBe(403);
  });

  test('a Bot is not ready while its Ghost is away, and watchers are told', async () => {
    const bots = '/apis/agent.wecode.io/v1/namespaces/bob/bots';
    await bob.call('POST', GHOSTS, document('Ghost', 'soul', { systemPrompt: 'x' }));
    await bob.call(
      'POST',
      bots,
      document('Bot', 'body', { ghostRef: { name: 'soul' }, shellRef: { name: 'Chat' } }),
    );
    const { body } = await bob.call('GET', bots);
    const changes = watch(
      `${bots}?watch=1&resourceVersion=${body.metadata.resourceVersion}&timeoutSeconds=3`,
    );
    await bob.call('DELETE', `${GHOSTS}/soul?propagationPolicy=Background`);
    const status = (await changes).map(({ object }) => ready(object));
    expect(status.at(-1)).toMatchObject({ status: 'False', reason: 'MissingReferences' });
    await bob.call('POST', GHOSTS, document('Ghost', 'soul', { systemPrompt: 'x' }));
    await waitFor(async () => ready((await bob.call('GET', `${bots}/body`)).body).status === 'True', {
      what: 'the Bot to be ready',
    });
  });

  test('Events, Pods and logs of a Task are for those who take part in it', async () => {
    await bob.call('POST', '/api/v1/namespaces', { metadata: { name: 'shared' } });
    await bob.call('PUT', '/api/v1/namespaces/shared/members/eve', { role: 'Maintainer' });
    const task = document('Task', 'mine', { prompt: 'Say it.', teamRef: { name: 'assistant' } });
    const made = await bob.call('POST', '/apis/agent.wecode.io/v1/namespaces/shared/tasks', task);
    expect(made.status, made.text).toBe(201);
    const run = await server.nextRun(made.body.metadata.uid);
    await run.start();
    await waitFor(
      async () =>
        (await bob.call('GET', '/api/v1/namespaces/shared/tasks/mine')).body.status.phase === 'Running',
      {
        what: 'the Task to run',
      },
    );
    await run.text('said');
    await run.finish();
    const inside = '/api/v1/namespaces/shared';
    const events = await waitFor(
      async () => {
        const { items } = (await bob.call('GET', `${inside}/events?fieldSelector=involvedObject.name=mine`))
          .body;
        return items.length >= 3 ? items : undefined;
      },
      { what: 'the Events of the Task' },
    );
    expect(events.map(({ reason }: { reason: string }) => reason).sort()).toEqual([
      'Completed',
      'Scheduled',
      'Started',
    ]);
    expect((await bob.call('GET', `${inside}/pods?labelSelector=task=mine`)).body.items).toHaveLength(1);
    expect((await bob.call('GET', `${inside}/pods/mine/log?follow=true`)).text).toMatch(
      /said\n--- completed\n$/,
    );
    expect((await eve.call('GET', `${inside}/events`)).body.items).toEqual([]);
    expect((await eve.call('GET', `${inside}/pods`)).body.items).toEqual([]);
    for (const path of ['pods/mine', 'pods/mine/log', `events/${events[0].metadata.name}`])
      expect((await eve.call('GET', `${inside}/${path}`)).status, path).toBe(404);
  });

  test('the status takes conditions of others, and nothing else', async () => {
    await bob.call('POST', GHOSTS, document('Ghost', 'judged', { systemPrompt: 'x' }));
    const condition = {
      type: 'Judged',
      status: 'True',
      reason: 'Fine',
      message: '',
      lastTransitionTime: '2026-01-01T00:00:00Z',
    };
    const put = async (status: object) => {
      const { body } = await bob.call('GET', `${GHOSTS}/judged`);
      return bob.call('PUT', `${GHOSTS}/judged/status`, {
        ...body,
        status: { ...body.status, ...status },
        spec: { systemPrompt: 'changed' },
      });
    };
    const written = await put({ conditions: [condition] });
    expect(written.status, written.text).toBe(200);
    expect(written.body.status.conditions.map(({ type }: { type: string }) => type)).toEqual([
      'Ready',
      'Judged',
    ]);
    expect(written.body.spec.systemPrompt).toBe('x');
    expect((await put({ state: 'Unavailable' })).body).toMatchObject({
      code: 422,
      details: { causes: [{ field: 'status.state' }] },
    });
    expect((await put({ conditions: [condition, condition] })).body).toMatchObject({
      details: { causes: [{ reason: 'FieldValueDuplicate' }] },
    });
    expect((await put({ conditions: [{ ...condition, type: 'Ready', status: 'False' }] })).status).toBe(422);
    expect((await put({ conditions: [{ type: 'x' }] })).status).toBe(422);
    const main = await raw('PATCH', `${GHOSTS}/judged`, MERGE, { status: { conditions: [] } });
    expect(main.body.status.conditions).toHaveLength(2);
  });

  test('without HTTPS there is no kubeconfig, and the answer says why', async () => {
    expect((await bob.call('GET', '/api/v1/kubeconfig')).body).toMatchObject({
      code: 503,
      message: expect.stringMatching(/HTTPS_PORT/),
    });
  });

  async function ask(
    method: string,
    path: string,
    {
      accept = 'application/json',
      body,
      type = 'application/json',
    }: { accept?: string; body?: string | Uint8Array; type?: string | null } = {},
  ) {
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${bob.token}`,
        accept,
        ...(body !== undefined && type !== null ? { 'content-type': type } : {}),
      },
      // Bytes, since a text would be given a content type.
      ...(body === undefined ? {} : { body: Buffer.from(body) }),
    });
    const text = await answer.text();
    const isJson = answer.headers.get('content-type')?.includes('json') === true && !path.includes('watch=');
    return {
      status: answer.status,
      text,
      headers: answer.headers,
      body: isJson ? JSON.parse(text) : undefined,
    };
  }

  const raw = (method: string, path: string, type: string, body: object) =>
    ask(method, path, { type, body: JSON.stringify(body) });

  const apply = (collection: string, name: string, body: object, manager: string) =>
    raw('PATCH', `${collection}/${name}?fieldManager=${manager}`, APPLY, body);

  /** The events of a watch, when its time is over. */
  async function watch(path: string, accept?: string) {
    const { text } = await ask('GET', path, accept === undefined ? {} : { accept });
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as WatchLine);
  }
});

function ready(object: Seen) {
  const found = object.status?.conditions?.find(({ type }) => type === 'Ready');
  if (!found) throw new Error('the object has no condition Ready');
  return found;
}

/** A ConfigMap as newer clients send it. */
function protobufMap(name: string, key: string, value: string): Buffer {
  const field = (number: number, content: Buffer | string) => {
    const bytes = Buffer.from(content);
    return Buffer.concat([Buffer.from([(number << 3) | 2, bytes.length]), bytes]);
  };
  const entry = Buffer.concat([field(1, key), field(2, value)]);
  const object = Buffer.concat([field(1, field(1, name)), field(2, entry)]);
  const type = Buffer.concat([field(1, 'v1'), field(2, 'ConfigMap')]);
  return Buffer.concat([Buffer.from('k8s\0'), field(1, type), field(2, object)]);
}
