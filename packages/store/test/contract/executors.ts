import type { ExecutionEvent, ManagerReport, RunInput } from '@wegent/api';
import { expect, test } from 'vitest';
import { newId, type Store } from '../../src/index.ts';
import { storeRun, storeRunOf } from '../fixtures.ts';
import type { StoreUnderTest } from './open-store.ts';

const ask = (approvalId: string): ExecutionEvent => ({
  type: 'approval-request',
  approvalId,
  tool: 'Bash',
  title: 'Run 🚀',
  input: { command: 'ls' },
  reason: 'a rule asks',
});
const decided = (approvalId: string): ExecutionEvent => ({
  type: 'approval-decided',
  approvalId,
  decision: 'allow',
  by: 'anna',
});

/** What sandboxes need: cursors, questions to people, inputs of runs, managers, git hosts. */
export function executorsContract({ shared }: StoreUnderTest): void {
  test('keeps the cursor of the newest batch', async () => {
    const store = shared();
    const run = await storeRun(store);
    const batch = { executionId: run.id, attempt: 1, events: [{ type: 'phase', text: 'p' } as const] };
    const other = await storeRun(store);
    await store.events.append(
      [
        { ...batch, firstSeq: 1, cursor: 'c1' },
        { ...batch, executionId: other.id, firstSeq: 1 },
      ],
      5,
    );
    expect(await store.executions.get(run.id)).toMatchObject({ lastSeq: 1, cursor: 'c1' });
    expect(await store.executions.get(other.id)).toMatchObject({ lastSeq: 1, cursor: null });
    await store.events.append([{ ...batch, firstSeq: 1, cursor: 'late' }], 5);
    await store.events.append([{ ...batch, firstSeq: 2 }], 5);
    expect(await store.executions.get(run.id)).toMatchObject({ lastSeq: 2, cursor: 'c1' });
    await store.events.append(
      [
        {
          ...batch,
          firstSeq: 3,
          events: [{ type: 'tool-call', blockId: 'b', tool: 't', title: 't', input: 1 }],
          cursor: 'c3',
        },
      ],
      5,
    );
    expect(await store.executions.get(run.id)).toMatchObject({ irreversible: true, cursor: 'c3' });
    expect(await store.executions.retry(run.id, 1)).toBe(true);
    expect(await store.executions.claim(run.id, { managerId: 'm', leaseUntil: 9, now: 5 })).toMatchObject({
      cursor: 'c3',
      attempt: 2,
      state: 'running',
    });
  });

  test('a run waits as long as one of its questions is open', async () => {
    const store = shared();
    const { run, append, open } = await asking(store);
    expect(await append(ask('a1'), ask('a2'))).toMatchObject({ state: 'waiting' });
    expect(await open()).toEqual(['a1', 'a2']);
    expect(await append(decided('a1'))).toMatchObject({ state: 'waiting' });
    expect(await open()).toEqual(['a2']);
    expect(await store.approvals.get(run.id, 'a1')).toMatchObject({
      state: 'allow',
      decidedBy: 'anna',
      input: { command: 'ls' },
    });
    expect(await append({ type: 'text-start', blockId: 'x' })).toMatchObject({ state: 'waiting' });
    const decision = { state: 'deny', by: 'bob', at: 7 } as const;
    const wins = await Promise.all(
      Array.from({ length: 4 }, () => store.approvals.decide({ executionId: run.id, id: 'a2' }, decision)),
    );
    expect(wins.filter(Boolean)).toHaveLength(1);
    expect(await append(decided('a2'))).toMatchObject({ state: 'running' });
    expect(await store.approvals.get(run.id, 'a2')).toMatchObject({ state: 'deny', decidedBy: 'bob' });
    expect(await append(ask('a3'), decided('a3'))).toMatchObject({ state: 'running' });
    expect(await open()).toEqual([]);
  });

  test('the end of a run and the next attempt close what was asked', async () => {
    const store = shared();
    const { run, append, open, ownerId } = await asking(store);
    await append({ type: 'question', questionId: 'q', questions: [{ id: '1', text: 'Which?' }] }, ask('a'));
    const waiting = await store.approvals.waitingFor(ownerId, 10);
    expect(waiting.map(({ id, type, title, taskTitle }) => ({ id, type, title, taskTitle }))).toEqual([
      { id: 'a', type: 'approval', title: 'Run 🚀', taskTitle: 'A task' },
      { id: 'q', type: 'question', title: 'Which?', taskTitle: 'A task' },
    ]);
    expect(await store.approvals.waitingFor('somebody else', 10)).toEqual([]);
    expect(await store.approvals.find('a', { userId: ownerId, type: 'approval' })).toMatchObject([
      { id: 'a' },
    ]);
    expect(await store.approvals.find('a', { userId: ownerId, type: 'question' })).toEqual([]);
    expect(await store.approvals.find('a', { userId: 'x', type: 'approval' })).toEqual([]);
    await store.executions.retry(run.id, 1);
    const claim = await store.executions.claim(run.id, { managerId: 'm', leaseUntil: 9, now: 5 });
    expect(claim).toMatchObject({ state: 'waiting', attempt: 2 });
    const second = (...events: ExecutionEvent[]) =>
      store.events.append([{ executionId: run.id, attempt: 2, firstSeq: 'next', events }], 6);
    await second({ type: 'block-reset', blockId: 'a' });
    expect(await open()).toEqual(['q']);
    await second(ask('a'));
    expect(await open()).toEqual(['a', 'q']);
    const [ended] = await second({ type: 'finish', outcome: 'cancelled' });
    expect(ended).toMatchObject({ execution: { state: 'cancelled' } });
    expect(
      ended?.status === 'appended' && ended.decisions.closed.map(({ id, state }) => [id, state]).sort(),
    ).toEqual([
      ['a', 'expired'],
      ['q', 'expired'],
    ]);
    expect(await open()).toEqual([]);
  });

  test('the same id in two runs is two questions, and an id that is too long holds up nobody', async () => {
    const store = shared();
    const first = await asking(store);
    const second = await asking(store);
    await store.events.append(
      [first.run, second.run].map(({ id }) => ({
        executionId: id,
        attempt: 1,
        firstSeq: 'next' as const,
        events: [ask('same'), ask('x'.repeat(5000))],
      })),
      5,
    );
    expect(await first.open()).toEqual(['same']);
    expect(await second.open()).toEqual(['same']);
    const found = await store.approvals.find('same', { userId: second.ownerId, type: 'approval' });
    expect(found.map(({ executionId }) => executionId)).toEqual([second.run.id]);
  });

  test('inputs are handed out in order until the run has them, and again to another attempt', async () => {
    const store = shared();
    const run = await storeRun(store);
    const inputs = ['1', '2', '3'].map(
      (text): RunInput => ({ type: 'message', id: newId(), by: 'anna', messageId: 'm', text }),
    );
    for (const input of inputs) await store.runInputs.insert(run.id, input, 5);
    expect(await store.runInputs.undelivered(run.id)).toEqual(inputs);
    await store.runInputs.markReceived(run.id, [inputs[0]?.id ?? '', 'unknown'], 6);
    await store.runInputs.markReceived('another run', [inputs[1]?.id ?? ''], 6);
    await store.runInputs.markReceived(run.id, [], 6);
    expect(await store.runInputs.undelivered(run.id)).toEqual(inputs.slice(1));
    await store.executions.retry(run.id, 1);
    await store.executions.claim(run.id, { managerId: 'm', leaseUntil: 9, now: 5 });
    expect(await store.runInputs.undelivered(run.id)).toEqual(inputs);
    const end = { type: 'finish', outcome: 'completed' } as const;
    await store.events.append([{ executionId: run.id, attempt: 2, firstSeq: 'next', events: [end] }], 5);
    await store.events.compact(6, 1000);
    expect(await store.runInputs.undelivered(run.id)).toEqual([]);
  });

  test('remembers what managers told, and what they were ordered', async () => {
    const store = shared();
    const id = `manager-${newId()}`;
    const report: ManagerReport = {
      driver: 'local',
      isolation: 'bubblewrap',
      isolated: true,
      slots: { total: 5, used: 0 },
      draining: false,
      engines: [],
      sandboxes: [],
      taskIds: [],
      defaults: { cpu: 2, memoryBytes: 1, pids: 1, diskBytes: 1 },
    };
    const orders = await Promise.all(
      Array.from({ length: 4 }, () => store.managers.report(id, report, 1_000_000)),
    );
    expect(orders).toEqual([[], [], [], []]);
    await store.managers.setOrders(id, [{ engine: 'claude-code', given: false }]);
    const draining = { ...report, draining: true };
    expect(await store.managers.report(id, draining, 1_000_005)).toEqual([
      { engine: 'claude-code', given: false },
    ]);
    const row = {
      id,
      report: draining,
      seenAt: 1_000_005,
      orders: [{ engine: 'claude-code', given: false }],
    };
    expect(await store.managers.seenSince(1_000_005)).toContainEqual(row);
    expect((await store.managers.seenSince(1_000_006)).map((manager) => manager.id)).not.toContain(id);
    await store.managers.forget(1_000_006);
    expect((await store.managers.seenSince(0)).map((manager) => manager.id)).not.toContain(id);
  });

  test("keeps one credential for each of a person's git hosts", async () => {
    const { gitHosts } = shared();
    const row = {
      userId: newId(),
      domain: 'git.example.org:8443',
      type: 'gitea' as const,
      username: 'anna',
      token: 'enc:v1:k:sealed',
      sshKey: null,
      scheme: 'http',
      apiUrl: 'http://git.example.org:8443/api/v1',
      createdAt: 10,
    };
    await gitHosts.put({ ...row, token: null });
    await gitHosts.put(row);
    await gitHosts.put({ ...row, domain: 'b.example.org' });
    expect(await gitHosts.get(row.userId, row.domain)).toEqual(row);
    expect((await gitHosts.list(row.userId)).map(({ domain }) => domain)).toEqual([
      'b.example.org',
      row.domain,
    ]);
    expect(await gitHosts.list('x')).toEqual([]);
    expect(await gitHosts.delete('x', row.domain)).toBe(false);
    expect(await gitHosts.delete(row.userId, row.domain)).toBe(true);
    expect(await gitHosts.get(row.userId, row.domain)).toBeUndefined();
  });

  test('gives back where the code of a task is', async () => {
    const store = shared();
    const { run } = await asking(store);
    const before = await store.tasks.get(run.taskId);
    expect(before).toMatchObject({ branch: null, executor: null, workspace: null, pullRequest: null });
    const patch = { branch: 'wegent/x-1', executor: 'm1', pullRequest: 'https://example.org/1' };
    await store.tasks.update(run.taskId, patch);
    expect(await store.tasks.get(run.taskId)).toMatchObject(patch);
    await store.tasks.update(run.taskId, { executor: null });
    expect(await store.tasks.get(run.taskId)).toMatchObject({ ...patch, executor: null });
  });
}

async function asking(store: Store) {
  const base = await storeRun(store);
  const ownerId = (await store.tasks.get(base.taskId))?.ownerId ?? '';
  const run = await storeRunOf(store, { taskId: base.taskId, messageId: newId() });
  return {
    run,
    ownerId,
    async append(...events: ExecutionEvent[]) {
      await store.events.append([{ executionId: run.id, attempt: 1, firstSeq: 'next', events }], 5);
      return store.executions.get(run.id);
    },
    open: async () =>
      (await store.approvals.waitingFor(ownerId, 100))
        .filter(({ executionId }) => executionId === run.id)
        .map(({ id }) => id)
        .sort(),
  };
}
