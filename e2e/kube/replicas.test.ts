import path from 'node:path';
import { describeWith, startMariaDb, startRedis, temporaryFolder, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { startKubeServer } from '../support/kube-server.ts';
import { createKubectl } from '../support/kubectl.ts';
import { agent, document, yaml } from './documents.ts';

const TASK = yaml(document('Task', 'job1', { prompt: 'Say hello.', teamRef: { name: 't1' } }));

describeWith(['mariadb', 'redis-server', 'kubectl'], 'kubectl with two servers on one database', () => {
  test('what is applied at one is watched at the other, and controllers do everything once', async () => {
    await using stack = new AsyncDisposableStack();
    const database = stack.use(await startMariaDb());
    const redis = stack.use(await startRedis({ private: true }));
    const env = {
      DATABASE_URL: await database.createDatabase(),
      REDIS_URL: redis.url,
      JWT_SECRET: 'the same secret on both servers, long enough',
      INTERNAL_SECRET: 'another secret of both, which is also long enough',
      SECRET_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
    };
    const folder = stack.use(await temporaryFolder());
    const [one, two] = [stack.use(await startKubeServer({ env })), stack.use(await startKubeServer({ env }))];
    const kubectlOf = ({ cluster, admin }: typeof one, name: string) =>
      createKubectl({
        ...cluster,
        folder: path.join(folder.path, name),
        token: admin.token,
        namespace: 'crew',
      });
    const [atOne, atTwo] = [await kubectlOf(one, 'one'), await kubectlOf(two, 'two')];

    await atOne(['create', 'namespace', 'crew']);
    const watched = atTwo(['get', 'bots', '-w', '-o', 'name'], { until: /bot\S+\/rev/ });
    // The second server has not seen anybody of the namespace yet.
    expect((await atOne(['apply', '-f', '-'], { input: agent() })).output).toMatch(/team\S+t1 created/);
    expect((await watched).output).toMatch(/bot\S+\/rev/);
    expect((await atTwo(['apply', '-f', '-'], { input: TASK })).output).toMatch(/job1 created/);
    const done = await atOne([
      'wait',
      '--for=jsonpath={.status.phase}=Completed',
      'task/job1',
      '--timeout=50s',
    ]);
    expect(done.output).toMatch(/condition met/);
    const reasons = await waitFor(
      async () => {
        const { output } = await atTwo(['get', 'events', '-o', 'jsonpath={.items[*].reason}']);
        return output.includes('Completed') && output;
      },
      { what: 'the Events of the Task', timeoutMs: 20_000 },
    );
    expect(reasons.split(' ').sort()).toEqual(['Completed', 'Scheduled', 'Started']);
    expect((await atTwo(['delete', 'namespace', 'crew', '--timeout=50s'])).output).toMatch(/deleted/);
    expect((await atOne(['get', 'namespace', 'crew'])).output).toMatch(/not found/);
  });
});
