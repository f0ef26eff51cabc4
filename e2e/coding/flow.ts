import type { ChangeList, CommitResult, PendingDecision, TaskRepository } from '@wegent/api';
import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { type CodingStage, type CodingTask, startCodingStage, toolsOf } from '../support/coding.ts';

/** A coding task from its start to the branch on the remote, on one driver, with everything real but the model. */
export function codingFlow(sandbox: 'local' | 'docker'): void {
  let stage: CodingStage;
  let task: CodingTask;

  beforeAll(async () => {
    stage = await startCodingStage({ sandbox });
  });
  afterAll(async () => {
    await stage?.[Symbol.asyncDispose]();
  });

  const approvals = async () =>
    (await stage.admin.api.http.request<{ items: PendingDecision[] }>('GET', '/api/v1/approvals')).items;

  test('clones, streams edits, and asks before a command', async () => {
    task = await stage.start({
      agent: 'careful',
      message:
        '[[say On it.]] [[tool Write {"file_path":"/workspace/sample/hello.txt","content":"hello\\n"}]] [[tool Bash {"command":"echo from the shell >> hello.txt && cat hello.txt"}]]',
    });
    const waiting = await task.until(({ status }) => status === 'waiting', 'the question for approval');
    expect(toolsOf(waiting)[0]).toMatchObject({ tool: 'Write', done: true });
    const [pending] = await approvals();
    expect(pending).toMatchObject({ type: 'approval', taskId: task.taskId, tool: 'Bash' });
    expect((await stage.admin.api.tasks.get(task.taskId)).phase).toBe('WaitingForInput');
  });

  test('goes on when it is allowed to, and the answer is complete', async () => {
    const [pending] = await approvals();
    await stage.admin.api.http.request('POST', `/api/v1/approvals/${pending?.id}`, {
      body: { decision: 'allow' },
    });
    const answer = await task.answered();
    expect(answer).toMatchObject({ status: 'completed' });
    expect(answer.text).toContain('On it.');
    const bash = toolsOf(answer).find(({ tool }) => tool === 'Bash');
    expect(JSON.stringify(bash?.output)).toContain('from the shell');
    expect(answer.blocks.find(({ type }) => type === 'approval')).toMatchObject({ decision: 'allow' });
    expect(answer.usage?.inputTokens).toBeGreaterThan(0);
    expect(answer.usage?.costUsd).toBeGreaterThan(0);
    expect(await approvals()).toEqual([]);
  });

  test('shows what changed', async () => {
    const changes = await task.get<ChangeList>('/changes');
    expect(changes.files).toEqual([
      expect.objectContaining({ path: 'hello.txt', status: 'added', additions: 2, deletions: 0 }),
    ]);
    expect(await task.text('/changes/hello.txt')).toContain('+from the shell');
    expect(await task.text('/files/src/index.js')).toBe('export const answer = 41;\n');
  });

  test('goes on in the same session, where it remembers', async () => {
    await task.send('what did I say first?');
    const answer = await task.answered();
    expect(answer.status).toBe('completed');
    expect(answer.text).toContain('On it.');
  });

  test('puts a turn back', async () => {
    const executionId = await task.send(
      '[[tool Write {"file_path":"/workspace/sample/wrong.txt","content":"wrong\\n"}]]',
    );
    await task.answered();
    expect((await task.get<ChangeList>('/changes')).files.map(({ path }) => path)).toContain('wrong.txt');
    expect(
      (await task.get<ChangeList>(`/changes?turn=${executionId}`)).files.map(({ path }) => path),
    ).toEqual(['wrong.txt']);
    await task.post(`/turns/${executionId}/revert`);
    expect((await task.get<ChangeList>('/changes')).files.map(({ path }) => path)).toEqual(['hello.txt']);
  });

  test('commits and pushes in the name of the person; the remote has the branch', async () => {
    const before = await task.get<TaskRepository>('/repository');
    expect(before).toMatchObject({ baseBranch: 'main', uncommitted: 1, next: 'commit' });
    const { commit, branch } = await task.post<CommitResult>('/commit', { message: 'Say hello' });
    expect((await task.get<TaskRepository>('/repository')).next).toBe('push');
    await task.post<CommitResult>('/push');
    const { admin, repository } = stage;
    expect(await repository.git('rev-parse', branch)).toBe(commit);
    expect(await repository.git('log', '-1', '--format=%an|%cn|%s', branch)).toBe(
      `${admin.user.displayName ?? admin.user.username}|${admin.user.displayName ?? admin.user.username}|Say hello`,
    );
    expect(await repository.git('show', `${branch}:hello.txt`)).toBe('hello\nfrom the shell');
    expect(await task.get<TaskRepository>('/repository')).toMatchObject({
      branch,
      uncommitted: 0,
      ahead: 0,
      remoteHead: commit,
    });
  });

  test('the credential of the git host is nowhere in the sandbox', async () => {
    // The secret is put together only after everything was collected, so that the search does not find itself.
    const command = [
      '(env; cat /proc/*/environ /proc/*/cmdline; git config --list; git remote -v; cat ~/.git* ~/.config/git/*;',
      'grep -rsh . /workspace/sample/.git/config /workspace/sample/.git/FETCH_HEAD /run /etc/git* ~/.wegent/*.json) > /tmp/all 2>&1;',
      "secret=$(printf 'the-git-%s' password); grep -ac $secret /tmp/all; wc -c < /tmp/all",
    ].join(' ');
    await task.send(`[[tool Bash ${JSON.stringify({ command })}]]`);
    const waiting = await waitFor(async () => (await approvals())[0], {
      what: 'the question',
      timeoutMs: 60_000,
    });
    await stage.admin.api.http.request('POST', `/api/v1/approvals/${waiting.id}`, {
      body: { decision: 'allow' },
    });
    const answer = await task.answered();
    const bash = toolsOf(answer).find(({ tool }) => tool === 'Bash');
    const [found, collected] = z
      .object({ stdout: z.string() })
      .parse(bash?.output)
      .stdout.split('\n')
      .map(Number);
    expect(found).toBe(0);
    expect(collected).toBeGreaterThan(1_000);
  });

  test('a deleted task leaves no sandbox', async () => {
    await stage.admin.api.tasks.remove(task.taskId);
    await waitFor(
      async () => {
        const { managers } = await stage.admin.api.http.request<{
          managers: { sandboxes: { taskId?: string }[] }[];
        }>('GET', '/api/v1/admin/executors');
        return managers.every(({ sandboxes }) => sandboxes.every(({ taskId }) => taskId !== task.taskId));
      },
      { what: 'the end of the sandbox', timeoutMs: 90_000 },
    );
  });
}
