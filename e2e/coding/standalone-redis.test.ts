import type { ExecutorOverview } from '@wegent/api';
import { openQueue } from '@wegent/queue';
import { describeWith, startRedis, type TestRedis, waitFor } from '@wegent/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { startCodingStage } from '../support/coding.ts';

describeWith(['claude-code', 'bubblewrap', 'redis-server'], 'the one process with a queue for many', () => {
  let redis: TestRedis;
  beforeEach(async () => {
    redis = await startRedis({ private: true });
  });
  afterEach(() => redis[Symbol.asyncDispose]());

  test('takes what is sent to the sandbox that it has', async () => {
    await using stage = await startCodingStage({ sandbox: 'local', env: { REDIS_URL: redis.url } });
    const task = await stage.start({ message: '[[say One.]]' });
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'One.' });
    const overview = () => stage.admin.api.http.request<ExecutorOverview>('GET', '/api/v1/admin/executors');
    await waitFor(async () => (await overview()).managers[0]?.sandboxes[0]?.state === 'idle', {
      what: 'the sandbox to be known',
    });
    await task.send('[[say Two.]]');
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'Two.' });
  });

  test('leaves runs to others while it can start no sandbox', async () => {
    const env = { REDIS_URL: redis.url, SANDBOX: 'docker', DOCKER_HOST: '/nonexistent/docker.sock' };
    await using stage = await startCodingStage({ sandbox: 'local', env });
    const task = await stage.start({ message: '[[say One.]]' });
    const why = async () => {
      const path = '/api/v1/admin/executors';
      return (await stage.admin.api.http.request<ExecutorOverview>('GET', path)).waiting[0]?.why;
    };
    await waitFor(async () => (await why()) === 'sandbox-problem', { what: 'the reason' });
    const queue = await openQueue({ url: redis.url, name: 'sandbox' });
    const taken: string[] = [];
    queue.consume({ concurrency: 1, handler: async ({ id }) => void taken.push(id) });
    await waitFor(() => taken.includes(task.executionId), { what: 'the run for somebody else' });
    await queue.close();
  });
});
