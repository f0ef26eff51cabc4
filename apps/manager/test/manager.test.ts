import { ApiError, COMMAND_TOPIC, type ExecutionEvent, ExecutionSpec } from '@wegent/api';
import { openBlobStore } from '@wegent/blob';
import { openBus } from '@wegent/bus';
import { createEngines, type Engines } from '@wegent/engine';
import { openQueue } from '@wegent/queue';
import { createSimulator, type RunningSimulator } from '@wegent/simulator';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createManager, createManagerMetrics } from '../src/index.ts';
import { createFakeServer, unavailable } from './fake-server.ts';

const logger = pino({ level: 'silent' });
let simulator: RunningSimulator;
beforeAll(async () => {
  simulator = await createSimulator({ pace: 0 }).listen();
});
afterAll(() => simulator.close());

let counter = 0;
function specOf(text: string, change: (spec: ExecutionSpec) => void = () => {}): ExecutionSpec {
  const spec: ExecutionSpec = {
    executionId: `execution-${++counter}`,
    taskId: 'task',
    messageId: 'message',
    attempt: 1,
    namespace: 'default',
    owner: { userId: 'user', name: 'ada' },
    taskType: 'chat',
    bot: { name: 'helper', namespace: 'default' },
    shell: {
      name: 'chat',
      shellType: 'Chat',
      network: 'open',
      turnSeconds: 60,
      idleSeconds: 30,
      startSeconds: 30,
      maxAttempts: 3,
    },
    model: {
      name: 'demo',
      protocol: 'openai-chat',
      modelId: 'demo',
      baseUrl: 'simulator:',
      headers: {},
      env: {},
      capabilities: {},
    },
    systemPrompt: '',
    mcpServers: {},
    egress: [],
    approvals: [],
    skills: [],
    history: [],
    input: { role: 'user', text },
    options: {},
    outboundAllow: [],
  };
  change(spec);
  return ExecutionSpec.parse(spec);
}

/** One server with as many managers as asked for, each with its own queue consumer on shared queue and bus. */
async function setUp(
  options: { managers?: number; engines?: Engines; heartbeatMs?: number; concurrency?: number } = {},
) {
  const server = createFakeServer();
  const queue = await openQueue({ name: 'host' });
  const bus = await openBus();
  const blob = await openBlobStore({ url: 'memory:' });
  const registry = new Registry();
  const metrics = createManagerMetrics(registry);
  const managers = Array.from({ length: options.managers ?? 1 }, (_, index) =>
    createManager({
      link: server,
      queue,
      bus,
      blob,
      engines: options.engines ?? createEngines({ chat: { retryDelaysMs: [1, 1] } }),
      config: {
        managerId: `manager-${index}`,
        heartbeatMs: options.heartbeatMs ?? 60_000,
        concurrency: options.concurrency ?? 16,
      },
      resolveSimulator: (endpoint) => ({ ...endpoint, baseUrl: simulator.url }),
      logger,
      metrics,
    }),
  );
  await Promise.all(managers.map((manager) => manager.start()));
  const [manager] = managers;
  if (!manager) throw new Error('at least one manager');
  const enqueue = (executionId: string) => queue.enqueue({ id: executionId, group: 'default' });
  return {
    server,
    queue,
    bus,
    manager,
    managers,
    registry,
    enqueue,
    async send(spec: ExecutionSpec) {
      server.add(spec);
      await enqueue(spec.executionId);
      return spec.executionId;
    },
    async [Symbol.asyncDispose]() {
      await Promise.all(managers.map((each) => each.close({ drainMs: 0 })));
      await Promise.all([queue.close(), bus.close(), blob.close()]);
    },
  };
}

const finishes = (events: ExecutionEvent[]) => events.filter((event) => event.type === 'finish');
const hasText = (events: ExecutionEvent[]) => events.some((event) => event.type === 'text-delta');

describe('a run', () => {
  it('streams into the store and finishes once', async () => {
    await using it = await setUp();
    const id = await it.send(specOf('echo one two three'));
    await it.server.finished(id);
    const events = it.server.storedEvents(id);
    expect(events[0]).toMatchObject({
      type: 'run-start',
      attempt: 1,
      shellType: 'Chat',
      bot: { name: 'helper' },
    });
    expect(events.at(-1)).toEqual({ type: 'finish', outcome: 'completed' });
    expect(finishes(events)).toHaveLength(1);
    expect(it.server.text(id)).toBe('one two three');
    await expect
      .poll(() => it.registry.metrics())
      .toContain('wegent_manager_runs_total{outcome="completed"} 1');
  });

  it('sends the first words at once and batches the rest', async () => {
    await using it = await setUp();
    const id = await it.send(specOf('write 200 words at 400 words per second'));
    await it.server.finished(id);
    const deltas = it.server.batches.filter(({ events }) => hasText(events));
    expect(deltas.length).toBeGreaterThan(2);
    expect(deltas.length).toBeLessThan(100);
    expect(it.server.fold(id).blocks).toMatchObject([{ type: 'text', done: true }]);
  });

  it('tells why it failed', async () => {
    await using it = await setUp();
    const id = await it.send(specOf('[[fault 401]]'));
    await it.server.finished(id);
    expect(it.server.storedEvents(id).at(-1)).toMatchObject({
      type: 'finish',
      outcome: 'failed',
      error: { reason: 'ModelAuth', retryable: false },
    });
  });

  it('times out when the model is silent', async () => {
    await using it = await setUp();
    const id = await it.send(
      specOf('[[fault hang 2]] echo one two three', (spec) => {
        spec.shell.idleSeconds = 0.3;
      }),
    );
    await it.server.finished(id);
    expect(finishes(it.server.storedEvents(id))).toMatchObject([
      { outcome: 'failed', error: { reason: 'Timeout' } },
    ]);
  });

  it('hides errors of an engine behind Internal', async () => {
    const engines = createEngines();
    const broken = { ...engines.Chat, run: () => Promise.reject(new Error('password=hunter2')) };
    await using it = await setUp({ engines: { ...engines, Chat: broken } });
    const id = await it.send(specOf('hi'));
    await it.server.finished(id);
    expect(finishes(it.server.storedEvents(id))).toMatchObject([
      { outcome: 'failed', error: { reason: 'Internal' } },
    ]);
    expect(JSON.stringify(it.server.storedEvents(id))).not.toContain('hunter2');
  });

  it('runs as many at once as it may', async () => {
    await using it = await setUp({ concurrency: 64 });
    const ids = await Promise.all(
      Array.from({ length: 100 }, (_, index) => it.send(specOf(`echo number ${index}`))),
    );
    await Promise.all(ids.map((id) => it.server.finished(id)));
    expect(ids.map((id) => it.server.text(id))).toEqual(ids.map((_, index) => `number ${index}`));
  });
});

describe('cancel', () => {
  it('stops at once on the word of the bus, and keeps the text so far', async () => {
    await using it = await setUp();
    const id = await it.send(specOf('write 500 words at 20 words per second'));
    await it.server.until(id, hasText);
    it.server.command(id, { type: 'cancel' });
    await it.bus.publish(COMMAND_TOPIC, { executionId: id });
    await it.server.finished(id);
    expect(finishes(it.server.storedEvents(id))).toEqual([{ type: 'finish', outcome: 'cancelled' }]);
    expect(it.server.text(id)).not.toBe('');
  });

  it('comes with a heartbeat when the bus says nothing', async () => {
    await using it = await setUp({ heartbeatMs: 20 });
    const id = await it.send(specOf('[[fault hang 1]] echo one two'));
    await it.server.until(id, hasText);
    it.server.command(id, { type: 'cancel' });
    await it.server.finished(id);
    expect(finishes(it.server.storedEvents(id))).toMatchObject([{ outcome: 'cancelled' }]);
  });
});

describe('the lease', () => {
  it('is obeyed when it is lost: nothing more is written', async () => {
    await using it = await setUp({ heartbeatMs: 20 });
    const id = await it.send(specOf('[[fault hang 1]] echo one two'));
    await it.server.until(id, hasText);
    it.server.expire(id);
    const before = it.server.storedEvents(id).length;
    await expect.poll(() => it.manager.stats().running).toBe(0);
    expect(it.server.storedEvents(id)).toHaveLength(before);
    expect(finishes(it.server.storedEvents(id))).toEqual([]);
  });

  it('goes to the next attempt, which takes back what the first has written', async () => {
    await using it = await setUp();
    const id = await it.send(specOf('write 300 words at 100 words per second'));
    await it.server.until(id, hasText);
    it.server.expire(id);
    await expect.poll(() => it.manager.stats().running).toBe(0);
    const first = it.server.text(id);
    await it.enqueue(id);
    await it.server.finished(id);
    const events = it.server.storedEvents(id);
    expect(events.filter((event) => event.type === 'run-start').map(({ attempt }) => attempt)).toEqual([
      1, 2,
    ]);
    expect(events.some((event) => event.type === 'block-reset')).toBe(true);
    expect(finishes(events)).toHaveLength(1);
    expect(it.server.fold(id).blocks).toHaveLength(1);
    expect(it.server.text(id).startsWith(first)).toBe(true);
    expect(it.server.text(id).length).toBeGreaterThan(first.length);
  });

  it('goes to one of two managers', async () => {
    await using it = await setUp({ managers: 2 });
    const id = await it.send(specOf('write 100 words at 200 words per second'));
    await it.server.until(id, hasText);
    // The sweep of the server enqueues what it thinks is lost.
    for (let count = 0; count < 5; count++) await it.enqueue(id);
    await it.server.finished(id);
    await expect.poll(async () => (await it.queue.counts()).waiting).toBe(0);
    expect(finishes(it.server.storedEvents(id))).toHaveLength(1);
    expect(it.server.storedEvents(id).filter((event) => event.type === 'run-start')).toHaveLength(1);
  });

  it('is not asked for a run that is gone or over', async () => {
    await using it = await setUp();
    await it.enqueue('no-such-run');
    const id = await it.send(specOf('echo once'));
    await it.server.finished(id);
    await expect.poll(() => it.manager.stats().running).toBe(0);
    await it.enqueue(id);
    await expect.poll(async () => (await it.queue.counts()).active).toBe(0);
    expect(finishes(it.server.storedEvents(id))).toHaveLength(1);
  });
});

describe('a bad network', () => {
  it('loses and doubles nothing while the server is away and comes back', async () => {
    await using it = await setUp({ heartbeatMs: 10 });
    const id = await it.send(specOf('write 200 words at 400 words per second'));
    await it.server.until(id, hasText);
    let failures = 0;
    it.server.network.before = () => {
      if (failures++ < 8) unavailable();
    };
    await it.server.finished(id);
    expect(failures).toBeGreaterThan(8);
    expect(it.server.text(id).split(/\s+/)).toHaveLength(200);
    expect(finishes(it.server.storedEvents(id))).toHaveLength(1);
  });

  it('repeats batches whose answer got lost without writing them twice', async () => {
    await using it = await setUp();
    const id = await it.send(specOf('write 200 words at 400 words per second'));
    await it.server.until(id, hasText);
    let calls = 0;
    it.server.network.after = () => {
      if (calls++ % 2 === 0) unavailable();
    };
    await it.server.finished(id);
    it.server.network.after = undefined;
    expect(it.server.text(id).split(/\s+/)).toHaveLength(200);
    expect(finishes(it.server.storedEvents(id))).toHaveLength(1);
  });
});

it('ends a run whose events the server will not take', async () => {
  await using it = await setUp();
  const id = await it.send(specOf('write 100 words at 200 words per second'));
  await it.server.until(id, hasText);
  let refusals = 0;
  it.server.network.before = () => {
    if (refusals++ === 0) throw new ApiError('RequestEntityTooLarge', 'too much');
  };
  await it.server.finished(id);
  expect(finishes(it.server.storedEvents(id))).toMatchObject([
    { outcome: 'failed', error: { reason: 'Internal' } },
  ]);
});

describe('close', () => {
  it('lets runs finish', async () => {
    const it = await setUp();
    const id = await it.send(specOf('write 60 words at 200 words per second'));
    await it.server.until(id, hasText);
    await it.manager.close({ drainMs: 10_000 });
    expect(finishes(it.server.storedEvents(id))).toMatchObject([{ outcome: 'completed' }]);
    await it[Symbol.asyncDispose]();
  });

  it('leaves what takes too long to the next attempt, without a finish', async () => {
    const it = await setUp();
    const id = await it.send(specOf('[[fault hang 1]] echo one two'));
    await it.server.until(id, hasText);
    await it.manager.close({ drainMs: 50 });
    expect(it.manager.stats().running).toBe(0);
    expect(finishes(it.server.storedEvents(id))).toEqual([]);
    await it[Symbol.asyncDispose]();
  });

  it('does not wait for a server that is away', async () => {
    const it = await setUp();
    const id = await it.send(specOf('[[fault hang 1]] echo one two'));
    await it.server.until(id, hasText);
    it.server.network.before = unavailable;
    await it.manager.close({ drainMs: 50 });
    expect(it.manager.stats().running).toBe(0);
    await it[Symbol.asyncDispose]();
  });
});
