import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import WebSocket from 'ws';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';

const STDIN = 'stdin=true&stdout=true';
const TYPED = 0;
const CLOSE = 255;

describe('attach to a Task', () => {
  let server: ChatServer;
  let bob: Person;
  let eve: Person;

  beforeAll(async () => {
    server = await startChatServer();
    [bob, eve] = [await server.newPerson('bob'), await server.newPerson('eve')];
    await bob.call('POST', '/api/v1/namespaces', { metadata: { name: 'crew' } });
    await bob.call('PUT', '/api/v1/namespaces/crew/members/eve', { role: 'Reporter' });
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  async function createTask(name: string, more: object = {}): Promise<string> {
    const spec = { prompt: 'Begin.', teamRef: { name: 'coder' }, ...more };
    const path = '/apis/agent.wecode.io/v1/namespaces/crew/tasks';
    const made = await bob.call('POST', path, document('Task', name, spec));
    expect(made.status, made.text).toBe(201);
    return made.body.metadata.uid;
  }

  /** A Task whose run has said something. */
  async function newTask(name: string) {
    const taskId = await createTask(name);
    const run = await server.nextRun(taskId);
    await run.start();
    await run.text('before\n');
    return { taskId, run };
  }

  async function attach(person: Person, name: string, query = 'stdout=true') {
    const url = `${server.url.replace('http', 'ws')}/api/v1/namespaces/crew/pods/${name}/attach?${query}`;
    const client = new WebSocket(url, ['v5.channel.k8s.io'], {
      headers: { authorization: `Bearer ${person.token}` },
    });
    let text = '';
    let status: { status?: string; message?: string; details?: unknown } | undefined;
    let refusal: number | undefined;
    client.on('message', (data: Buffer) => {
      if (data[0] === 1) text += data.subarray(1).toString('utf8');
      if (data[0] === 3) status = JSON.parse(data.subarray(1).toString('utf8'));
    });
    const closed = new Promise<void>((resolve) => client.once('close', () => resolve()));
    client.on('error', () => {});
    client.once('unexpected-response', (_request, response) => {
      refusal = response.statusCode;
      client.terminate();
    });
    await new Promise<void>((resolve) => {
      client.once('open', resolve);
      client.once('close', () => resolve());
    });
    return {
      closed,
      text: () => text,
      status: () => status,
      refusal: () => refusal,
      type: (bytes: string | Buffer) =>
        client.send(Buffer.concat([Buffer.from([TYPED]), Buffer.from(bytes)])),
      endInput: () => client.send(Buffer.from([CLOSE, TYPED])),
      leave: () => client.terminate(),
      until: (wanted: RegExp) => waitFor(() => wanted.test(text), { what: `${wanted} in ${text}` }),
    };
  }

  test('shows what is said from now on, and ends with the turn', async () => {
    const { taskId, run } = await newTask('shown');
    const session = await attach(bob, 'shown');
    // Nothing tells when it begins to look, so this may be among what it shows or not.
    await waitFor(
      async () => {
        await run.text('now\n');
        return session.text() !== '';
      },
      { what: 'the attached client to see something' },
    );
    await run.finish();
    await session.closed;
    expect(session.text()).toMatch(/^(now\n)+--- completed\n$/);
    expect(session.status()).toMatchObject({ status: 'Success' });
    await server.settled(taskId);
    const late = await attach(bob, 'shown');
    await late.closed;
    expect(late.status()?.message).toMatch(/nothing runs in pod shown: see "kubectl logs"/);
  });

  test('each line is a message of the person, which steers the run', async () => {
    const { taskId, run } = await newTask('steered');
    const session = await attach(bob, 'steered', STDIN);
    const snow = Buffer.from('Use ☃.\n\nAnd tabs.\r\nno end');
    session.type(snow.subarray(0, 5));
    session.type(snow.subarray(5));
    const texts: string[] = [];
    while (texts.length < 2)
      texts.push(...(await run.inputs()).map((input) => ('text' in input ? (input.text ?? '') : '')));
    expect(texts).toEqual(['Use ☃.', 'And tabs.']);
    session.endInput();
    expect(await run.inputs()).toMatchObject([{ type: 'message', by: 'bob', text: 'no end' }]);
    await run.finish('failed', { reason: 'EngineCrashed', message: 'broken', retryable: false });
    await session.closed;
    expect(session.text()).toMatch(/--- failed: broken\n$/);
    expect(session.status()).toMatchObject({
      status: 'Failure',
      details: { causes: [{ reason: 'ExitCode', message: '1' }] },
    });
    await server.settled(taskId);
  });

  test('a Task at rest goes on with the first line', async () => {
    const { taskId, run } = await newTask('resting');
    await run.finish();
    await server.settled(taskId);
    const session = await attach(bob, 'resting', STDIN);
    session.type('Once more.\n');
    const next = await server.nextRun(taskId);
    await next.answer('more\n');
    await session.closed;
    expect(session.text()).toMatch(/more\n--- completed\n$/);
    expect(session.text()).not.toMatch(/before/);
    expect(session.status()).toMatchObject({ status: 'Success' });
    const messages = await bob.messages(taskId);
    expect(messages.findLast(({ role }) => role === 'user')).toMatchObject({
      text: 'Once more.',
      sender: { name: 'bob' },
    });
    // Nothing to say is the end of it.
    const silent = await attach(bob, 'resting', STDIN);
    silent.endInput();
    await silent.closed;
    expect(silent.text()).toBe('');
  });

  test('is for those who may write, without a terminal, and is told', async () => {
    const { taskId, run } = await newTask('guarded');
    await createTask('shared', { participants: ['eve'] });
    for (const query of [STDIN, 'stdout=true']) {
      const reporter = await attach(eve, 'shared', query);
      expect(reporter.refusal(), query).toBe(403);
    }
    const review = async (person: Person) =>
      (
        await person.call('POST', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', {
          spec: {
            resourceAttributes: {
              namespace: 'crew',
              verb: 'create',
              resource: 'pods',
              subresource: 'attach',
            },
          },
        })
      ).body.status.allowed;
    expect([await review(bob), await review(eve)]).toEqual([true, false]);
    const { resources } = (await bob.call('GET', '/api/v1')).body;
    expect(resources).toContainEqual(
      expect.objectContaining({ name: 'pods/attach', kind: 'PodAttachOptions', verbs: ['create', 'get'] }),
    );
    const terminal = await attach(bob, 'guarded', `${STDIN}&tty=true`);
    await terminal.closed;
    expect(terminal.status()?.message).toMatch(/use "attach -i" without "-t"/);
    const stranger = await attach(await server.newPerson('sam'), 'guarded');
    expect(stranger.refusal()).toBe(404);
    const entries = await waitFor(
      async () => {
        const rows = await server.store.audit.list({ limit: 50, kind: 'Task', name: 'guarded' });
        const attached = rows.filter(({ action }) => action === 'attach');
        return attached.length > 0 && attached;
      },
      { what: 'the audit entry' },
    );
    expect(entries.every(({ username }) => username === 'bob')).toBe(true);

    // Who is taken out hears why, at the latest with the next line.
    const session = await attach(bob, 'guarded', STDIN);
    await bob.call('PUT', '/api/v1/namespaces/crew/members/eve', { role: 'Owner' });
    await eve.call('PUT', '/api/v1/namespaces/crew/members/bob', { role: 'Reporter' });
    session.type('Let me in.\n');
    await session.closed;
    expect(session.status()?.message).toMatch(/forbidden/);
    expect(JSON.stringify(await bob.messages(taskId))).not.toMatch(/Let me in/);
    await eve.call('PUT', '/api/v1/namespaces/crew/members/bob', { role: 'Owner' });
    await bob.call('PUT', '/api/v1/namespaces/crew/members/eve', { role: 'Reporter' });
    await run.finish();
  });

  test('too much at once makes the client wait, and a line without end is refused', async () => {
    const { run } = await newTask('flooded');
    const session = await attach(bob, 'flooded', STDIN);
    const piece = Buffer.alloc(200_000, 'x');
    for (let index = 0; index < 6; index += 1) session.type(piece);
    await session.closed;
    expect(session.status()?.message).toMatch(/a line has at most 1,?000,?000 characters/);
    await run.finish();
  });

  test('a server that ends says so', async () => {
    const other = await startChatServer();
    try {
      const ann = await other.newPerson('ann');
      const path = '/apis/agent.wecode.io/v1/namespaces/ann/tasks';
      const spec = { prompt: 'Begin.', teamRef: { name: 'coder' } };
      const made = await ann.call('POST', path, document('Task', 'cut', spec));
      await (await other.nextRun(made.body.metadata.uid)).start();
      const client = new WebSocket(
        `${other.url.replace('http', 'ws')}/api/v1/namespaces/ann/pods/cut/attach?stdout=true`,
        ['v5.channel.k8s.io'],
        { headers: { authorization: `Bearer ${ann.token}` } },
      );
      const frames: Buffer[] = [];
      client.on('message', (data: Buffer) => frames.push(data));
      const closed = new Promise<number>((resolve) => client.once('close', resolve));
      await new Promise((resolve) => client.once('open', resolve));
      await other[Symbol.asyncDispose]();
      expect(await closed).toBe(1000);
      expect(frames.at(-1)?.[0]).toBe(3);
      expect(frames.at(-1)?.toString('utf8')).toMatch(/the server ends/);
    } finally {
      await other[Symbol.asyncDispose]().catch(() => {});
    }
  });
});
