import { createInterface } from 'node:readline';
import { Readable } from 'node:stream';
import type { ResourceObject } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ghost, type Person, startResourceServer } from './support/resource-server.ts';

const GHOSTS = '/api/v1/namespaces/bob/ghosts';

interface Event {
  type: string;
  object: ResourceObject & { code?: number; reason?: string };
}

let server: Awaited<ReturnType<typeof startResourceServer>>;
let origin: string;
beforeAll(async () => {
  server = await startResourceServer();
  origin = await server.app.listen({ port: 0, host: '127.0.0.1' });
});
afterAll(() => server[Symbol.asyncDispose]());

/** Opens a watch over a real connection; `next` gives the next event, or undefined at its end. */
async function watch(path: string, person: Person = 'bob') {
  const abort = new AbortController();
  const response = await fetch(`${origin}${path}`, { headers: { 'x-person': person }, signal: abort.signal });
  if (!response.body) throw new Error('no body');
  const lines = createInterface({ input: Readable.fromWeb(response.body) })[Symbol.asyncIterator]();
  return {
    status: response.status,
    async next(): Promise<Event | undefined> {
      const { done, value } = await lines.next();
      return done ? undefined : (JSON.parse(value) as Event);
    },
    async rest(): Promise<Event[]> {
      const events: Event[] = [];
      for (let event = await this.next(); event; event = await this.next()) events.push(event);
      return events;
    },
    close: () => abort.abort(),
  };
}

const seen = (event: Event | undefined) => event && `${event.type} ${event.object.metadata.name}`;

describe('watch', () => {
  it('begins with what exists and goes on with every change', async () => {
    await server.call('POST', GHOSTS, { body: ghost('w1', { metadata: { labels: { s: 'begin' } } }) });
    const watching = await watch(`${GHOSTS}?watch=True&labelSelector=s=begin`);
    expect(seen(await watching.next())).toBe('ADDED w1');
    await server.call('POST', GHOSTS, { body: ghost('w2', { metadata: { labels: { s: 'begin' } } }) });
    const added = await watching.next();
    expect(seen(added)).toBe('ADDED w2');
    expect(added?.object).toEqual((await server.get(`${GHOSTS}/w2`)).body);
    await server.call('PUT', `${GHOSTS}/w2`, { body: ghost('w2', { metadata: { labels: { s: 'other' } } }) });
    const left = await watching.next();
    expect(seen(left)).toBe('DELETED w2');
    expect(left?.object.metadata.labels).toEqual({ s: 'begin' });
    expect(Number(left?.object.metadata.resourceVersion)).toBeGreaterThan(
      Number(added?.object.metadata.resourceVersion),
    );
    await server.call('DELETE', `${GHOSTS}/w1`);
    expect(seen(await watching.next())).toBe('DELETED w1');
    watching.close();
  });

  it('gives every change of many writers once and in order, to watchers from any point', async () => {
    const writers = 8;
    const writes = 15;
    const start = (await server.get(GHOSTS)).body.metadata.resourceVersion;
    const early = await watch(`${GHOSTS}?watch=1&resourceVersion=${start}&labelSelector=s=many`);
    const write = async (writer: number) => {
      const name = `many-${writer}`;
      await server.call('POST', GHOSTS, { body: ghost(name, { metadata: { labels: { s: 'many' } } }) });
      for (let round = 1; round < writes - 1; round += 1) {
        await server.call('PATCH', `${GHOSTS}/${name}`, {
          body: JSON.stringify({ spec: { systemPrompt: `${round}` } }),
          type: 'application/merge-patch+json',
        });
      }
      await server.call('DELETE', `${GHOSTS}/${name}`);
    };
    const writing = Promise.all(Array.from({ length: writers }, (_, index) => write(index)));

    const received: Event[] = [];
    for (let count = 0; count < writers * writes; count += 1) {
      const event = await early.next();
      if (event) received.push(event);
    }
    await writing;
    early.close();
    const versions = received.map(({ object }) => Number(object.metadata.resourceVersion));
    expect(versions).toEqual([...new Set(versions)].sort((left, right) => left - right));
    for (let writer = 0; writer < writers; writer += 1) {
      const mine = received.filter(({ object }) => object.metadata.name === `many-${writer}`);
      expect(mine.map(({ type }) => type)).toEqual([
        'ADDED',
        ...new Array(writes - 2).fill('MODIFIED'),
        'DELETED',
      ]);
    }
    // A watcher that comes back with any version it saw gets exactly the rest.
    for (const index of [0, 1, Math.floor(received.length / 2), received.length - 2]) {
      const late = await watch(
        `${GHOSTS}?watch=1&timeoutSeconds=0.2&resourceVersion=${versions[index]}&labelSelector=s=many`,
      );
      expect((await late.rest()).map(({ type, object }) => [type, object])).toEqual(
        received.slice(index + 1).map(({ type, object }) => [type, object]),
      );
    }
  });

  it('ends at its time with a bookmark, and marks the end of initial events', async () => {
    const watching = await watch(
      `${GHOSTS}?watch=1&timeoutSeconds=0.1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&labelSelector=none`,
    );
    const events = await watching.rest();
    expect(events.map(({ type }) => type)).toEqual(['BOOKMARK', 'BOOKMARK']);
    expect(events[0]?.object.metadata.annotations).toEqual({ 'k8s.io/initial-events-end': 'true' });
    expect(events[1]?.object.metadata.resourceVersion).toBe(String(await server.store.changes.current()));
  });

  it('refuses what is forbidden, malformed or from the future', async () => {
    expect((await server.get(`${GHOSTS}?watch=1`, 'eve')).status).toBe(403);
    expect((await server.get(`${GHOSTS}?watch=1&labelSelector=a+b+c`)).status).toBe(400);
    expect((await server.get(`${GHOSTS}?watch=1&resourceVersion=abc`)).status).toBe(400);
    const future = await server.get(`${GHOSTS}?watch=1&resourceVersion=99999999`);
    expect(future.status).toBe(504);
    expect(JSON.parse(future.text).details.causes[0].reason).toBe('ResourceVersionTooLarge');
    expect((await server.get(`${GHOSTS}?watch=false`)).text).toContain('GhostList');
  });

  it('sees only namespaces that are readable, and ends when the right ends', async () => {
    await server.store.namespaces.insert({
      name: 'club',
      type: 'group',
      ownerId: null,
      displayName: null,
      createdAt: 1,
    });
    await server.store.namespaces.setMember('club', 'u-eve', 'Reporter');
    await server.store.namespaces.setMember('club', 'u-bob', 'Developer');
    await server.signals.send({ type: 'memberships-changed', userId: 'u-eve' });
    await server.signals.send({ type: 'memberships-changed', userId: 'u-bob' });
    const { resourceVersion } = (await server.get('/api/v1/ghosts')).body.metadata;
    const everything = await watch(`/api/v1/ghosts?watch=1&resourceVersion=${resourceVersion}`, 'eve');
    const club = await watch(
      `/api/v1/namespaces/club/ghosts?watch=1&resourceVersion=${resourceVersion}`,
      'eve',
    );
    await server.call('POST', GHOSTS, { body: ghost('private') });
    await server.call('POST', '/api/v1/namespaces/club/ghosts', { body: ghost('shared') });
    expect(seen(await everything.next())).toBe('ADDED shared');
    expect(seen(await club.next())).toBe('ADDED shared');

    await server.store.namespaces.removeMember('club', 'u-eve');
    await server.signals.send({ type: 'memberships-changed', userId: 'u-eve' });
    expect(await club.next()).toBeUndefined();
    await server.call('POST', '/api/v1/namespaces/club/ghosts', { body: ghost('later') });
    await server.signals.send({ type: 'user-revoked', userId: 'u-eve' });
    expect(await everything.rest()).toEqual([]);
  });

  it('says 410 for a version that the log no longer has', async () => {
    await server.store.changes.compact({ keep: 0, olderThan: Date.now() + 1000 });
    const watching = await watch(`${GHOSTS}?watch=1&resourceVersion=1`);
    expect(await watching.rest()).toEqual([
      {
        type: 'ERROR',
        object: expect.objectContaining({
          kind: 'Status',
          code: 410,
          reason: 'Expired',
          message: expect.stringContaining('too old resource version: 1'),
        }),
      },
    ]);
    const list = await server.get(`${GHOSTS}?limit=1`);
    expect(list.status).toBe(200);
  });

  it('shows Tasks to those who take part, and to nobody else', async () => {
    const { resourceVersion } = (await server.get('/apis/agent.wecode.io/v1/tasks')).body.metadata;
    const task = {
      kind: 'Task',
      metadata: { name: 't' },
      spec: { prompt: 'hi', teamRef: { name: 'assistant' } },
    };
    expect((await server.call('POST', '/api/v1/namespaces/bob/tasks', { body: task })).status).toBe(201);
    const mine = await watch(
      `/apis/agent.wecode.io/v1/tasks?watch=1&timeoutSeconds=0.2&resourceVersion=${resourceVersion}`,
    );
    const others = await watch(
      `/apis/agent.wecode.io/v1/tasks?watch=1&timeoutSeconds=0.2&resourceVersion=${resourceVersion}`,
      'admin',
    );
    expect((await mine.rest()).map(seen)).toEqual(['ADDED t']);
    expect(await others.rest()).toEqual([]);
    expect((await server.get('/api/v1/namespaces/bob/tasks/t')).status).toBe(200);
    expect((await server.get('/api/v1/namespaces/bob/tasks/t', 'admin')).status).toBe(404);
  });
});
