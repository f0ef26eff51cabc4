import type { ExecutorOverview } from '@wegent/api';
import { describeWith } from '@wegent/testing';
import { expect, test } from 'vitest';
import { startCodingStage } from '../support/coding.ts';

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
});
