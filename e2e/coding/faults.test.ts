import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutorOverview, Message } from '@wegent/api';
import { describeWith, waitFor } from '@wegent/testing';
import { test as base, expect } from 'vitest';
import { type CodingStage, startCodingStage, toolsOf } from '../support/coding.ts';
import { insideOf, killInside, type SandboxProcess, stillThere } from '../support/sandbox-processes.ts';

/** A command that ends only when somebody ends it. */
const FOREVER = '[[say Working.]] [[tool Bash {"command":"tail -f /dev/null"}]]';
const OK = '[[say All good.]]';

/** Each test has a product of its own, and those that mostly wait run beside each other. */
const test = base.extend<{ stage: CodingStage }>({
  // biome-ignore lint/correctness/noEmptyPattern: vitest reads from this pattern which fixtures it needs, and insists on one
  stage: async ({}, use) => {
    const stage = await startCodingStage({ sandbox: 'local' });
    let inside: SandboxProcess[] = [];
    try {
      await use(stage);
      inside = await insideOf(stage.product.dataDir);
    } finally {
      await stage[Symbol.asyncDispose]();
    }
    expect(await stillThere(inside), 'processes of its sandboxes').toEqual([]);
  },
});

describeWith(['claude-code', 'bubblewrap'], 'when something breaks under a coding task', () => {
  test.for(['executor', 'agent'] as const)(
    'the %s is killed: the run fails and the next one works',
    async (who, { stage }) => {
      const task = await stage.start({ message: FOREVER });
      await task.until(working, 'the command');
      await killInside({ dataDir: stage.product.dataDir, who });
      const failed = await task.answered();
      expect(failed.status).toBe('failed');
      expect(failed.error?.reason).toBe(who === 'executor' ? 'SandboxFailed' : 'EngineCrashed');
      expect(failed.error?.message).not.toBe('');
      await task.send(OK);
      expect(await task.answered()).toMatchObject({ status: 'completed', text: 'All good.' });
    },
  );

  test('out of memory is told as that', async ({ stage }) => {
    await applyShell(stage, { resources: { memory: '700Mi' } });
    const task = await stage.start({
      message:
        '[[tool Bash {"command":"python3 -c \'a=[bytearray(50000000) for _ in range(40)]; print(len(a))\'; kill -9 $PPID"}]]',
    });
    const failed = await task.answered();
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'SandboxOutOfMemory' } });
    await task.send(OK);
    expect(await task.answered()).toMatchObject({ status: 'completed' });
  });

  test('out of disk ends the sandbox and says so', async ({ stage }) => {
    await applyShell(stage, { resources: { disk: '300Mi' } });
    const task = await stage.start({
      message:
        '[[tool Bash {"command":"i=0; while [ $i -lt 60 ]; do head -c 20000000 /dev/zero > big$i; i=$((i+1)); done; tail -f /dev/null"}]]',
    });
    const failed = await task.answered();
    expect(failed).toMatchObject({ status: 'failed', error: { reason: 'SandboxFailed' } });
    expect(failed.error?.message).toMatch(/disk/i);
  });

  test('a fork bomb stays inside and ends with its run', async ({ stage }) => {
    await applyShell(stage, { resources: { pids: 200 } });
    const task = await stage.start({
      message: '[[tool Bash {"command":"bomb() { bomb | bomb & }; bomb; tail -f /dev/null"}]]',
    });
    await task.until((answer) => toolsOf(answer).length > 0, 'the bomb');
    await delay(2_000);
    // The product answers while it goes off.
    expect((await overview(stage)).managers[0]?.slots.used).toBe(1);
    expect(await stage.admin.api.tasks.cancel(task.taskId)).toEqual({ outcome: 'cancelled' });
    const other = await stage.start({ message: OK });
    expect(await other.answered()).toMatchObject({ status: 'completed' });
  });

  test.for([
    ['unauthorized', 'GitAuth'],
    ['error', 'GitFailed'],
    ['reset', 'GitFailed'],
  ] as const)('the git host answers %s', async ([mode, reason], { stage }) => {
    stage.git.mode = mode;
    const task = await stage.start({ message: OK });
    expect(await task.answered()).toMatchObject({ status: 'failed', error: { reason } });
    stage.git.mode = 'serve';
    await task.send(OK);
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'All good.' });
  });

  test('the git host hangs: stopping works, and the task works when it is back', async ({ stage }) => {
    stage.git.mode = 'hang';
    const task = await stage.start({ message: OK });
    await waitFor(() => stage.git.requests.length > 0, { what: 'the clone', timeoutMs: 60_000 });
    expect(await stage.admin.api.tasks.cancel(task.taskId)).toEqual({ outcome: 'cancelled' });
    expect(await stage.admin.api.tasks.cancel(task.taskId)).toEqual({ outcome: 'already-finished' });
    stage.git.mode = 'serve';
    await task.send(OK);
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'All good.' });
  });

  test('stopping during a command ends the command, twice is once, and the workspace stays', async ({
    stage,
  }) => {
    const task = await stage.start({ message: FOREVER });
    await task.until(working, 'the command');
    const both = await Promise.all([
      stage.admin.api.tasks.cancel(task.taskId),
      stage.admin.api.tasks.cancel(task.taskId),
    ]);
    expect(both.map(({ outcome }) => outcome)).toContain('cancelled');
    expect(await task.answered()).toMatchObject({ status: 'cancelled' });
    await waitFor(
      async () => !(await insideOf(stage.product.dataDir)).some(({ command }) => command.includes('tail -f')),
      {
        what: 'the end of the command',
      },
    );
    await task.send(OK);
    expect(await task.answered()).toMatchObject({ status: 'completed' });
  });

  test('a task that is deleted while it works leaves nothing', async ({ stage }) => {
    const task = await stage.start({ message: FOREVER });
    await task.until(working, 'the command');
    await stage.admin.api.tasks.remove(task.taskId);
    const folder = path.join(stage.product.dataDir, 'sandboxes');
    await waitFor(
      async () => (await readdir(folder)).filter((name) => /^[0-9a-f]{12}$/.test(name)).length === 0,
      {
        what: 'the end of the folder',
        timeoutMs: 90_000,
      },
    );
  });

  // From here on they wait: for a tool, and for calls that are made again.

  test.concurrent('the manager is killed: the run goes on where it was, however long its tool is silent', async ({
    stage,
  }) => {
    await applyShell(stage, { timeouts: { idleSeconds: 8 } });
    const task = await stage.start({
      message:
        '[[say Before.]] [[tool Bash {"command":"for i in $(seq 1 36); do echo tick $i; python3 -c \'import time; time.sleep(0.5)\'; done; echo finished >> out.txt"}]] [[say After.]]',
    });
    await task.until(working, 'the command');
    await stage.product.kill();
    await stage.product.restart();
    const answer = await task.answered();
    expect(answer).toMatchObject({ status: 'completed' });
    expect(answer.text.match(/Before\./g)).toHaveLength(1);
    expect(answer.text).toContain('After.');
    expect(await task.text('/files/out.txt')).toBe('finished\n');
  });

  test.concurrent.for([
    ['[[fault 401]]', 'ModelAuth'],
    ['[[fault 429]]', 'ModelRateLimit'],
    ['[[fault 529]]', 'ModelOverloaded'],
    ['[[fault context]]', 'ContextTooLong'],
  ] as const)('the model answers %s', async ([fault, reason], { stage }) => {
    const task = await stage.start({ message: fault });
    expect(await task.answered()).toMatchObject({ status: 'failed', error: { reason } });
    await task.send(OK);
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'All good.' });
  });

  test.concurrent('the model is silent: the run ends after the idle time of its Shell', async ({ stage }) => {
    await applyShell(stage, { timeouts: { idleSeconds: 5 } });
    const task = await stage.start({ message: '[[fault hang 3]]' });
    expect(await task.answered()).toMatchObject({ status: 'failed', error: { reason: 'Timeout' } });
  });
});

function working(answer: Message): boolean {
  return toolsOf(answer).some(({ done }) => !done);
}

function overview({ admin }: CodingStage): Promise<ExecutorOverview> {
  return admin.api.http.request<ExecutorOverview>('GET', '/api/v1/admin/executors');
}

async function applyShell({ admin }: CodingStage, spec: object): Promise<void> {
  await admin.api.http.request('POST', '/api/v1/namespaces/default/apply', {
    body: [
      {
        apiVersion: 'agent.wecode.io/v1',
        kind: 'Shell',
        metadata: { name: 'ClaudeCode', namespace: 'default' },
        spec: { shellType: 'ClaudeCode', supportModel: ['claude'], ...spec },
      },
    ],
  });
}
