import type { ExecutorOverview } from '@wegent/api';
import { describeWith, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { bashCall } from '../support/agent-shell.ts';
import { object, startCodingStage } from '../support/coding.ts';

const TASKS = 20;
const LIMIT = 5;

describeWith(['claude-code', 'bubblewrap'], 'many coding tasks at once', () => {
  test(`${TASKS} tasks with a limit of ${LIMIT} never exceed it, begin in order, and all end well`, async () => {
    await using stage = await startCodingStage({
      sandbox: 'local',
      env: { MAX_CONCURRENT_TASKS: String(LIMIT) },
    });
    const { api } = stage.admin;
    let most = 0;
    let whys: string[] = [];
    let watching = true;
    const watch = (async () => {
      while (watching) {
        const { managers, waiting } = await api.http.request<ExecutorOverview>(
          'GET',
          '/api/v1/admin/executors',
        );
        most = Math.max(most, managers[0]?.slots.used ?? 0);
        if (waiting.length > 0) whys = waiting.map(({ why }) => why);
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    })();
    const tasks = [];
    for (let index = 0; index < TASKS; index += 1) {
      tasks.push(await stage.start({ message: `[[say Answer ${index}.]]`, title: `Task ${index}` }));
    }
    const answers = await Promise.all(tasks.map((task) => task.answered(280_000)));
    watching = false;
    await watch;
    expect(answers.map(({ text }) => text)).toEqual(tasks.map((_, index) => `Answer ${index}.`));
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(LIMIT);
    expect(whys).toContain('slots');
    const items = await Promise.all(tasks.map(({ taskId }) => api.tasks.get(taskId)));
    const starts = items.map(({ status }) => Date.parse(status?.startedAt ?? ''));
    expect(starts).toEqual(starts.toSorted((left, right) => left - right));
  });

  test('who waits for a person or for members of its Team leaves its place to others', async () => {
    await using stage = await startCodingStage({ sandbox: 'local', env: { MAX_CONCURRENT_TASKS: '1' } });
    const { api } = stage.admin;
    await api.http.request('POST', '/api/v1/namespaces/default/apply', { body: [CREW] });
    const asking = await stage.start({
      agent: 'careful',
      message: '[[tool Bash {"command":"echo allowed"}]] [[say Done.]]',
    });
    await asking.until(({ status }) => status === 'waiting', 'the question for approval');
    const led = await stage.start({
      team: { name: 'crew', namespace: 'default' },
      message: `[[tool mcp__team__delegate ${JSON.stringify({ member: 'coder', instruction: bashCall('echo by the member > made.txt') })}]] [[say All done.]]`,
    });
    const answer = await led.answered();
    expect(answer.status, JSON.stringify(answer)).toBe('completed');
    expect(answer.text).toContain('All done.');
    expect(await led.text('/files/made.txt')).toBe('by the member\n');
    const [pending] = await api.approvals.waiting();
    await api.approvals.decide(pending?.id ?? '', { decision: 'allow' }, { executionId: asking.executionId });
    expect(await asking.answered()).toMatchObject({ status: 'completed', text: 'Done.' });
    const used = async () =>
      (await api.http.request<ExecutorOverview>('GET', '/api/v1/admin/executors')).managers[0]?.slots.used;
    await waitFor(async () => (await used()) === 0, { what: 'the place to be free' });
  });
});

/** A leader and its member, both in the sandbox of the task. */
const CREW = object('Team', 'crew', {
  collaborationModel: 'coordinate',
  bind_mode: ['code', 'chat'],
  members: [
    { name: 'lead', role: 'leader', botRef: { name: 'coder' } },
    { name: 'coder', botRef: { name: 'coder' } },
  ],
});
