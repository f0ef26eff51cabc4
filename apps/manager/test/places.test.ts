import { COMMAND_TOPIC, type ExecutionEvent, ExecutionSpec, type RunInput } from '@wegent/api';
import { openBlobStore } from '@wegent/blob';
import { openBus } from '@wegent/bus';
import { createEngines, type Engine, type Turn } from '@wegent/engine';
import { openQueue } from '@wegent/queue';
import { waitFor } from '@wegent/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createManager } from '../src/index.ts';
import { createFakeServer } from './fake-server.ts';

let cleanUp: AsyncDisposableStack;
beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
});
afterEach(() => cleanUp.disposeAsync());

/** What a run does, and how it is asked to go on. */
interface Scripted {
  turn: Turn;
  /** Works until the suite says that it is enough. */
  work(): Promise<void>;
  askPerson(id: string): Promise<RunInput>;
}
type Script = (run: Scripted) => Promise<void>;

/** A manager with one engine in sandboxes, whose runs do what the suite says. */
async function setUp({ maxTasks, sandboxesUsable }: { maxTasks: number; sandboxesUsable?: Promise<void> }) {
  const server = createFakeServer();
  const queue = await openQueue({ name: 'host' });
  const sandboxQueue = await openQueue({ name: 'sandbox' });
  const ownQueue = await openQueue({ name: 'own' });
  const bus = await openBus();
  const blob = await openBlobStore({ url: 'memory:' });
  const scripts = new Map<string, Script>();
  const begun: string[] = [];
  const working = new Map<string, () => void>();
  let most = 0;
  const engine: Engine = {
    shellType: 'ClaudeCode',
    placement: 'sandbox',
    async run(turn) {
      const { executionId } = turn.spec;
      const inputs = new Map<string, PromiseWithResolvers<RunInput>>();
      const inputOf = (id: string) => {
        const known = inputs.get(id) ?? Promise.withResolvers<RunInput>();
        inputs.set(id, known);
        return known;
      };
      turn.onInput((input) => {
        if (input.type === 'approval') inputOf(input.approvalId).resolve(input);
      });
      begun.push(executionId);
      const aborted = new Promise<never>((_, reject) =>
        turn.signal.addEventListener('abort', () => reject(turn.signal.reason), { once: true }),
      );
      aborted.catch(() => undefined);
      const script = scripts.get(executionId);
      await script?.({
        turn,
        async work() {
          const enough = Promise.withResolvers<void>();
          working.set(executionId, enough.resolve);
          most = Math.max(most, working.size);
          await Promise.race([enough.promise, aborted]).finally(() => working.delete(executionId));
        },
        async askPerson(approvalId) {
          turn.emit({ ...ASK, approvalId });
          const input = await Promise.race([inputOf(approvalId).promise, aborted]);
          turn.emit({ type: 'approval-decided', approvalId, decision: 'allow' });
          return input;
        },
      });
    },
  };
  const manager = createManager({
    link: server,
    queue,
    sandboxQueues: [sandboxQueue, ownQueue],
    ...(sandboxesUsable ? { sandboxesUsable } : {}),
    bus,
    blob,
    engines: { ...createEngines(), ClaudeCode: engine },
    config: { managerId: 'manager', maxTasks, heartbeatMs: 60_000 },
    logger: pino({ level: 'silent' }),
  });
  await manager.start();
  cleanUp.defer(async () => {
    await manager.close({ drainMs: 0 });
    await Promise.all([queue, sandboxQueue, ownQueue, bus, blob].map((port) => port.close()));
  });
  const poke = (executionId: string) => bus.publish(COMMAND_TOPIC, { executionId });
  return {
    server,
    manager,
    sandboxQueue,
    ownQueue,
    begun,
    poke,
    most: () => most,
    used: () => manager.stats().slots.used,
    add(executionId: string, script: Script, changes: Partial<ExecutionSpec> = {}) {
      scripts.set(executionId, script);
      server.add(specOf(executionId, changes));
    },
    enqueue: (executionId: string) => sandboxQueue.enqueue({ id: executionId, group: 'default' }),
    async begin(executionId: string, script: Script, changes: Partial<ExecutionSpec> = {}) {
      this.add(executionId, script, changes);
      await this.enqueue(executionId);
    },
    async works(executionId: string) {
      await waitFor(() => working.has(executionId), { what: `${executionId} to work` });
    },
    isWorking: (executionId: string) => working.has(executionId),
    enough: (executionId: string) => working.get(executionId)?.(),
    async allow(executionId: string, approvalId: string) {
      const input = { type: 'approval' as const, id: `input-${approvalId}`, approvalId, by: 'ada' };
      server.command(executionId, { type: 'input', input: { ...input, decision: 'allow' } });
      await poke(executionId);
    },
    has: (executionId: string, type: ExecutionEvent['type']) =>
      server.until(executionId, (events) => events.some((event) => event.type === type)),
  };
}

const ASK = { type: 'approval-request', tool: 'Bash', title: 'ls', input: {}, reason: 'a rule' } as const;
const outcomeOf = (events: readonly ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'finish' ? [event.outcome] : []));
const phasesOf = (events: readonly ExecutionEvent[]) =>
  events.flatMap((event) => (event.type === 'phase' ? [event.text] : []));

function specOf(executionId: string, changes: Partial<ExecutionSpec>): ExecutionSpec {
  return ExecutionSpec.parse({
    executionId,
    taskId: `task of ${executionId}`,
    messageId: 'message',
    attempt: 1,
    namespace: 'default',
    owner: { userId: 'user', name: 'ada' },
    taskType: 'code',
    bot: { name: `bot-${executionId}`, namespace: 'default' },
    shell: {
      name: 'ClaudeCode',
      shellType: 'ClaudeCode',
      network: 'gateway-only',
      turnSeconds: 60,
      idleSeconds: 60,
      startSeconds: 60,
      maxAttempts: 3,
    },
    systemPrompt: '',
    mcpServers: {},
    egress: [],
    approvals: [],
    skills: [],
    history: [],
    input: { role: 'user', text: 'go' },
    options: {},
    ...changes,
  });
}

describe('a run that waits for a person', () => {
  test('gives its place back, and takes it again before those that have not begun', async () => {
    const it = await setUp({ maxTasks: 1 });
    const works: Script = ({ work }) => work();
    await it.begin('asking', async ({ askPerson, work }) => {
      await askPerson('a');
      await work();
    });
    await it.has('asking', 'approval-request');
    await it.begin('second', works);
    await it.works('second');
    await it.begin('third', works);
    await it.allow('asking', 'a');
    // It is told so, and hears nothing before somebody has ended.
    await it.has('asking', 'phase');
    expect(phasesOf(it.server.storedEvents('asking'))).toEqual(['Waiting for a free place']);
    expect(it.server.storedEvents('asking').map(({ type }) => type)).not.toContain('approval-decided');
    it.enough('second');
    await it.works('asking');
    expect(it.begun).not.toContain('third');
    it.enough('asking');
    await it.works('third');
    it.enough('third');
    for (const id of ['asking', 'second', 'third']) {
      await it.server.finished(id);
      expect(outcomeOf(it.server.storedEvents(id))).toEqual(['completed']);
    }
    expect(it.most()).toBe(1);
    await waitFor(() => it.used() === 0, { what: 'all places to be free' });
  });

  test('can be cancelled while it waits for its place, and leaves none behind', async () => {
    const it = await setUp({ maxTasks: 1 });
    await it.begin('asking', async ({ askPerson }) => void (await askPerson('a')));
    await it.has('asking', 'approval-request');
    await it.begin('second', ({ work }) => work());
    await it.works('second');
    await it.allow('asking', 'a');
    await it.has('asking', 'phase');
    it.server.command('asking', { type: 'cancel' });
    await it.poke('asking');
    await it.server.finished('asking');
    expect(outcomeOf(it.server.storedEvents('asking'))).toEqual(['cancelled']);
    it.enough('second');
    await it.server.finished('second');
    await it.begin('third', ({ work }) => work());
    await it.works('third');
    expect(it.used()).toBe(1);
  });
});

describe('leaders', () => {
  /** Lets leaders give work to runs in the same queue. */
  function delegates(it: Awaited<ReturnType<typeof setUp>>, changes: Partial<ExecutionSpec> = {}): Script {
    it.server.delegate = async (leader, { member }) => {
      const executionId = `${leader}-${member}`;
      await it.begin(
        executionId,
        async ({ turn }) => turn.emit({ type: 'log', stream: 'stdout', text: 'x' }),
        changes,
      );
      return { executionId, bot: { name: member } };
    };
    it.server.delegated = async (_leader, { executionId }) => {
      await Promise.race([it.server.finished(executionId), new Promise((go) => setTimeout(go, 200))]);
      const [outcome] = outcomeOf(it.server.storedEvents(executionId));
      return { text: 'done', ...(outcome ? { outcome } : {}) };
    };
    return async ({ turn }) => {
      const given = await Promise.all(
        ['one', 'two'].map((member) => turn.giveWork?.({ member, instruction: 'look' })),
      );
      await Promise.all(
        given.map(async (each) => {
          if (!each || 'refused' in each) throw new Error('refused');
          for (;;) if ((await turn.workOf?.(each.executionId))?.outcome) return;
        }),
      );
    };
  }

  test('as many as there are places wait for their members, and all of them end', async () => {
    const it = await setUp({ maxTasks: 3 });
    const script = delegates(it);
    const leaders = ['l1', 'l2', 'l3'];
    for (const leader of leaders) await it.begin(leader, script);
    await Promise.all(leaders.map((leader) => it.server.finished(leader)));
    for (const leader of leaders) expect(outcomeOf(it.server.storedEvents(leader))).toEqual(['completed']);
    expect(it.begun).toHaveLength(9);
    await waitFor(() => it.used() === 0, { what: 'all places to be free' });
  });

  test('lets its members into its own work tree', async () => {
    const it = await setUp({ maxTasks: 1 });
    const script = delegates(it, { taskId: 'one task' });
    await it.begin('leader', script, { taskId: 'one task' });
    await it.server.finished('leader');
    expect(outcomeOf(it.server.storedEvents('leader'))).toEqual(['completed']);
    expect(it.begun.toSorted()).toEqual(['leader', 'leader-one', 'leader-two']);
  });
});

describe('runs of one task', () => {
  const same = { taskId: 'one task' };

  test('work in its tree one after the other, and say for whom they wait; others do not wait', async () => {
    const it = await setUp({ maxTasks: 3 });
    for (const id of ['first', 'second', 'third']) await it.begin(id, ({ work }) => work(), same);
    await it.works('first');
    await it.has('second', 'phase');
    await it.has('third', 'phase');
    expect(phasesOf(it.server.storedEvents('second'))).toEqual([
      'Waiting for bot-first to finish with the files',
    ]);
    // Who waits for the tree has no place.
    for (const id of ['x', 'y']) await it.begin(id, ({ work }) => work());
    await it.works('x');
    await it.works('y');
    expect(it.begun).toEqual(['first', 'x', 'y']);
    for (const id of ['x', 'y', 'first']) it.enough(id);
    await it.works('second');
    expect(it.isWorking('third')).toBe(false);
    it.enough('second');
    await it.works('third');
    it.enough('third');
    await it.server.finished('third');
    expect(it.most()).toBe(3);
  });

  test('one that waits for a person keeps the tree; one that is cancelled while it waits never begins', async () => {
    const it = await setUp({ maxTasks: 2 });
    await it.begin('asking', async ({ askPerson }) => void (await askPerson('a')), same);
    await it.has('asking', 'approval-request');
    await it.begin('next', ({ work }) => work(), same);
    await it.begin('later', ({ work }) => work(), same);
    await it.has('later', 'phase');
    it.server.command('next', { type: 'cancel' });
    await it.poke('next');
    await it.server.finished('next');
    expect(outcomeOf(it.server.storedEvents('next'))).toEqual(['cancelled']);
    await it.allow('asking', 'a');
    await it.works('later');
    it.enough('later');
    await it.server.finished('later');
    expect(it.begun).toEqual(['asking', 'later']);
  });
});

test('another attempt of a run begins as soon as the lost one has ended here', async () => {
  const it = await setUp({ maxTasks: 2 });
  const ending = Promise.withResolvers<void>();
  let attempts = 0;
  await it.begin('lost', async ({ work }) => {
    attempts += 1;
    if (attempts > 1) return;
    await work().catch(() => undefined);
    // It takes its time to stop.
    await ending.promise;
    throw new Error('stopped');
  });
  await it.works('lost');
  it.server.expire('lost');
  await it.poke('lost');
  await waitFor(() => !it.isWorking('lost'), { what: 'the run to be told that it is lost' });
  // The other queue does not know that it is here.
  await it.ownQueue.enqueue({ id: 'lost', group: 'default' });
  await waitFor(async () => !(await it.ownQueue.has('lost')), { what: 'the job to be taken' });
  ending.resolve();
  await it.server.finished('lost');
  expect(outcomeOf(it.server.storedEvents('lost'))).toEqual(['completed']);
  expect(attempts).toBe(2);
});

test('a manager without sandboxes leaves their runs to others, until it has some', async () => {
  const usable = Promise.withResolvers<void>();
  const it = await setUp({ maxTasks: 2, sandboxesUsable: usable.promise });
  await it.begin('waiting', ({ work }) => work());
  // Whoever consumes does so within a turn of the event loop.
  await new Promise((resolve) => setTimeout(resolve, 50));
  expect(await it.sandboxQueue.counts()).toEqual({ waiting: 1, active: 0 });
  usable.resolve();
  await it.works('waiting');
  it.enough('waiting');
  await it.server.finished('waiting');
});
