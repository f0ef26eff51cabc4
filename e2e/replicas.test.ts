import type { ResourceObject } from '@wegent/api';
import { createApiClient, watch } from '@wegent/client';
import { describeWith, startMariaDb, startRedis, type TestMariaDb, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Person, signIn } from './support/person.ts';
import { expectSameEverywhere } from './support/settle.ts';
import { type Standalone, startStandalone } from './support/standalone.ts';
import { openViewer, type Viewer } from './support/viewer.ts';

/** A lost lease is taken over within this time. */
const TAKE_OVER_MS = 180_000;

/** Two servers on one MariaDB and one Redis. */
interface Pair extends AsyncDisposable {
  one: Standalone;
  two: Standalone;
  /** The administrator, as a guest of each server. */
  atOne: Person;
  atTwo: Person;
  /** A task whose answer is being written, and a screen that shows it on each server. */
  openTask(message: string): Promise<{ taskId: string; left: Viewer; right: Viewer }>;
}

async function startPair(database: TestMariaDb): Promise<Pair> {
  await using starting = new AsyncDisposableStack();
  const redis = starting.use(await startRedis({ private: true }));
  const env = {
    DATABASE_URL: await database.createDatabase(),
    REDIS_URL: redis.url,
    JWT_SECRET: 'the same secret on both servers, long enough',
    INTERNAL_SECRET: 'another secret of both, which is also long enough',
    SECRET_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
  };
  const one = starting.use(await startStandalone({ env }));
  const two = starting.use(await startStandalone({ env }));
  const atOne = await signIn(one.url);
  // The session of one server is good at the other.
  const atTwo: Person = {
    ...atOne,
    api: createApiClient({ baseUrl: two.url, getAccessToken: () => atOne.token }),
    connect: (options = {}) => atOne.connect({ url: options.url ?? two.url }),
  };
  const stack = starting.move();
  return {
    one,
    two,
    atOne,
    atTwo,
    async openTask(message) {
      const { taskId } = await atOne.api.tasks.create({
        clientMessageId: `first-${message}`,
        team: { name: 'assistant' },
        message,
      });
      const left = stack.use(openViewer({ person: atOne, taskId, name: 'client of server 1' }));
      const right = stack.use(openViewer({ person: atTwo, taskId, name: 'client of server 2' }));
      await Promise.all([left, right].map((viewer) => begun(viewer)));
      return { taskId, left, right };
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  };
}

// The last one waits for a lease to end, and the others run meanwhile.
describeWith(['mariadb', 'redis-server'], 'two servers on one database', () => {
  let database: TestMariaDb;
  beforeAll(async () => {
    database = await startMariaDb();
  });
  afterAll(() => database?.[Symbol.asyncDispose]());

  test.concurrent('the same chat is live on both, whoever runs it and wherever somebody writes', async () => {
    await using pair = await startPair(database);
    const { taskId, left, right } = await pair.openTask('1500 words at 100 words per second');
    // Both grow while neither is complete.
    expect(textOf(left)).not.toBe('');
    expect(textOf(right)).not.toBe('');
    using late = openViewer({ person: pair.atTwo, taskId, name: 'client that joined in the middle' });
    await begun(late);
    expect(late.view()?.messages.at(-1)?.status).toBe('running');

    // One waits for the answer, the other goes on at the same time.
    const sends = await Promise.all([
      left.session.send({ message: 'echo from the first server' }),
      right.session.send({ message: 'echo from the second server' }),
    ]);
    expect(sends.map(({ ok }) => ok)).toEqual([true, true]);
    const viewers = [left, right, late];
    await expectSameEverywhere({ person: pair.atOne, taskId, viewers, timeoutMs: 60_000 });
    await expectSameEverywhere({ person: pair.atTwo, taskId, viewers, timeoutMs: 60_000 });
    expect(left.view()?.messages.map(({ text }) => text)).toEqual(
      expect.arrayContaining(['from the first server', 'from the second server']),
    );
    expect(viewers.flatMap(({ numberFaults }) => numberFaults)).toEqual([]);
  });

  test.concurrent('a run is stopped from either server', async () => {
    await using pair = await startPair(database);
    const { taskId, left, right } = await pair.openTask('3000 words at 50 words per second');
    const before = textOf(right);
    expect(await right.session.cancel()).toMatchObject({ outcome: 'cancelled' });
    await left.until(({ messages }) => messages.at(-1)?.status === 'cancelled', {
      what: 'the end of the run',
    });
    expect(textOf(left).startsWith(before)).toBe(true);
    expect(await left.session.cancel()).toMatchObject({ outcome: 'already-finished' });

    const again = await left.session.send({ message: '3000 words at 50 words per second' });
    expect(again.ok).toBe(true);
    await Promise.all([begun(left), begun(right)]);
    expect(await left.session.cancel()).toMatchObject({ outcome: 'cancelled' });
    await expectSameEverywhere({ person: pair.atTwo, taskId, viewers: [left, right], timeoutMs: 30_000 });
  });

  test.concurrent('what is applied on one server is seen by who watches the other', async () => {
    await using pair = await startPair(database);
    const list = await pair.atTwo.api.resources.list('ghosts', { namespace: 'default' });
    const seen: { type: string; object: ResourceObject }[] = [];
    const end = new AbortController();
    const watching = watch({
      http: pair.atTwo.api.http,
      path: '/api/v1/namespaces/default/ghosts',
      resourceVersion: list.metadata.resourceVersion ?? '',
      onEvent: (event) => seen.push(event),
      onExpired: () => Promise.reject(new Error('the changes are gone')),
      signal: end.signal,
    });
    await pair.atOne.api.http.request('POST', '/api/v1/namespaces/default/ghosts', {
      body: {
        apiVersion: 'agent.wecode.io/v1',
        kind: 'Ghost',
        metadata: { name: 'seen-elsewhere' },
        spec: { systemPrompt: 'Be brief.' },
      },
    });
    await waitFor(() => seen.length > 0, { what: 'the change to come', timeoutMs: 10_000 });
    expect(seen[0]).toMatchObject({ type: 'ADDED', object: { metadata: { name: 'seen-elsewhere' } } });
    end.abort();
    await watching;
  });

  test.concurrent('when a server dies in the middle of a run, the other takes it over', async () => {
    await using pair = await startPair(database);
    const { taskId, left, right } = await pair.openTask('600 words at 40 words per second');
    const socket = pair.atTwo.connect();
    await waitFor(() => socket.state().status === 'online', { what: 'a connection to the second server' });
    const [dying, surviving, screen, other] = (await runsAt(pair.one))
      ? ([pair.one, pair.atTwo, right, left] as const)
      : ([pair.two, pair.atOne, left, right] as const);
    socket.close();
    const killedAt = performance.now();
    await dying.kill();
    await screen.until(({ messages }) => messages.at(-1)?.runs?.[0]?.attempt === 2, {
      what: 'the second attempt',
      timeoutMs: TAKE_OVER_MS,
    });
    console.info(
      `replicas: taken over ${((performance.now() - killedAt) / 1000).toFixed(0)} s after the kill`,
    );
    await dying.restart();
    await expectSameEverywhere({ person: surviving, taskId, viewers: [screen, other], timeoutMs: 90_000 });
    expect(screen.view()?.messages.at(-1)).toMatchObject({ status: 'completed' });
  });
});

/** Does this server's manager run something? Its metrics tell. */
async function runsAt(server: Standalone): Promise<boolean> {
  const text = await (await fetch(`${server.url}/metrics`)).text();
  const running = /^wegent_manager_runs_active(?:\{.*\})? (\d+)/m.exec(text)?.[1];
  if (running === undefined) throw new Error('the metrics say nothing about running runs');
  return Number(running) > 0;
}

function begun(viewer: Viewer) {
  return viewer.until(
    ({ messages }) => messages.at(-1)?.status === 'running' && (messages.at(-1)?.text.length ?? 0) > 50,
    { what: 'the answer to begin' },
  );
}

function textOf(viewer: Viewer): string {
  return viewer.view()?.messages.at(-1)?.text ?? '';
}
