import { setTimeout as sleep } from 'node:timers/promises';
import { describeWith, startMariaDb } from '@wegent/testing';
import { expect, test } from 'vitest';
import { document, startChatServer } from './support/chat-server.ts';

describeWith(['mariadb'], 'a Task that others label while it runs', () => {
  test('every turn ends at once, and every label stays', async () => {
    await using database = await startMariaDb();
    await using server = await startChatServer({ databaseUrl: await database.createDatabase() });
    const bob = await server.newPerson('bob');
    const created = await bob.call(
      'POST',
      '/api/v1/namespaces/bob/tasks',
      document('Task', 'job', { prompt: 'Do it.', teamRef: { name: 'assistant' } }),
    );
    const taskId = created.body.metadata.uid;
    let done = false;
    const label = async (writer: number) => {
      let count = 0;
      for (; !done; count += 1) {
        const answer = await fetch(`${server.url}/api/v1/namespaces/bob/tasks/job`, {
          method: 'PATCH',
          headers: {
            authorization: `Bearer ${bob.token}`,
            'content-type': 'application/merge-patch+json',
          },
          body: JSON.stringify({ metadata: { labels: { [`writer-${writer}`]: String(count) } } }),
        });
        expect(answer.status, await answer.text()).toBe(200);
        await sleep(10);
      }
      return String(count - 1);
    };
    const labelling = Promise.all([0, 1].map(label));
    for (let turn = 0; turn < 10; turn += 1) {
      if (turn > 0) await bob.send({ taskId, message: 'And more.' });
      await (await server.nextRun(taskId)).answer('Done.');
      await server.settled(taskId);
    }
    done = true;
    const counts = await labelling;
    const { body } = await bob.call('GET', '/api/v1/namespaces/bob/tasks/job');
    expect(body.status.phase).toBe('Completed');
    expect(Object.values(body.metadata.labels)).toEqual(counts);
    expect(server.log.filter((line) => line.includes('could not follow a turn'))).toEqual([]);
  });
});
