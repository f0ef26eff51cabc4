import { randomUUID } from 'node:crypto';
import { describeWith, startMariaDb, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { type ChatServer, document, type Person, startChatServer } from './support/chat-server.ts';
import { claimRun } from './support/scripted-run.ts';
import { makeTeam } from './support/team.ts';

const ACTORS = 8;
const ACTS = 60;
const MODES = ['solo', 'pipeline', 'route', 'coordinate', 'collaborate'] as const;
const NAMES = ['one', 'two', 'three'] as const;

describeWith(['mariadb'], 'many at once on MariaDB', () => {
  test('nobody gets an error of the server, every turn ends, and the log of changes has no gap', async () => {
    await using database = await startMariaDb();
    await using server = await startChatServer({ databaseUrl: await database.createDatabase() });
    const bob = await server.newPerson('bob');
    const eve = await server.newPerson('eve');
    for (const mode of MODES) await makeTeam(bob, { name: mode, collaborationModel: mode, members: MEMBERS });

    const failures: string[] = [];
    const tasks = new Set<string>();
    const acts = actsOf({ bob, eve, server, tasks });
    const count = new Map(acts.map((act) => [act.name, 0]));
    const actor = async () => {
      for (let index = 0; index < ACTS; index += 1) {
        const act = pick(acts);
        const { status, text } = await act();
        if (status >= 500) failures.push(`${act.name}: ${status} ${text}`);
        if (status < 300) count.set(act.name, (count.get(act.name) ?? 0) + 1);
      }
    };
    const stop = new AbortController();
    const answering = answerAll(server, stop.signal);
    await Promise.all(Array.from({ length: ACTORS }, actor));

    expect(failures).toEqual([]);
    expect([...count].filter(([, succeeded]) => succeeded === 0)).toEqual([]);
    for (const taskId of tasks) await server.settled(taskId);
    stop.abort();
    await answering;
    for (const taskId of tasks) {
      const [row, object] = [
        await server.store.tasks.get(taskId),
        await server.store.resources.getByUid(taskId),
      ];
      expect(object?.status?.phase).toBe(row?.phase);
    }
    expect(server.log.filter((line) => line.includes('could not follow a turn'))).toEqual([]);
    const versions = (await server.store.changes.after(0, 100_000)).map((change) => change.resourceVersion);
    expect(versions).toEqual(versions.map((_, index) => index + 1));
  });
});

const MEMBERS = [{ name: 'leader', leader: true }, { name: 'first' }, { name: 'second' }];

interface Outcome {
  status: number;
  text: string;
}

/** What people and programs do, each with the objects of the others. */
function actsOf({
  bob,
  eve,
  server,
  tasks,
}: {
  bob: Person;
  eve: Person;
  server: ChatServer;
  tasks: Set<string>;
}): (() => Promise<Outcome>)[] {
  const aTask = () => pick([...tasks, randomUUID()]);
  const message = () => ({ clientMessageId: randomUUID(), message: 'Go on.' });
  const group = '/api/v1/namespaces/crew';
  const patch = async (path: string, body: unknown): Promise<Outcome> => {
    const answer = await fetch(server.url + path, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${bob.token}`, 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify(body),
    });
    return { status: answer.status, text: await answer.text() };
  };
  const agents = (name: string) => [
    document('Ghost', name, { systemPrompt: randomUUID() }),
    document('Bot', name, {
      ghostRef: { name },
      shellRef: { name: 'Chat' },
      modelRef: { name: 'demo' },
    }),
    document('Team', name, { members: [{ name: 'member', botRef: { name } }] }),
  ];
  const job = (name: string) => document('Task', name, { prompt: 'Do it.', teamRef: { name: 'solo' } });
  return [
    async function begin() {
      const answer = await bob.call('POST', '/api/v1/tasks', { ...message(), team: { name: pick(MODES) } });
      if (answer.status === 201) tasks.add(answer.body.taskId);
      return answer;
    },
    function send() {
      return pick([bob, eve]).call('POST', `/api/v1/tasks/${aTask()}/messages`, message());
    },
    function cancel() {
      return bob.call('POST', `/api/v1/tasks/${aTask()}/cancel`, {});
    },
    function retry() {
      return bob.call('POST', `/api/v1/tasks/${aTask()}/retry`, {});
    },
    function rename() {
      return bob.call('PATCH', `/api/v1/tasks/${aTask()}`, { title: randomUUID() });
    },
    function share() {
      return bob.call('PATCH', `/api/v1/tasks/${aTask()}`, { participants: pick([[], ['eve']]) });
    },
    async function drop() {
      const taskId = aTask();
      tasks.delete(taskId);
      return bob.call('DELETE', `/api/v1/tasks/${taskId}`);
    },
    function applyTask() {
      return bob.call('POST', '/api/v1/namespaces/bob/apply', [job(pick(NAMES))]);
    },
    function labelTask() {
      return patch(`/api/v1/namespaces/bob/tasks/${pick(NAMES)}`, {
        metadata: { labels: { at: randomUUID() } },
      });
    },
    function deleteTask() {
      return bob.call('DELETE', `/api/v1/namespaces/bob/tasks/${pick(NAMES)}`);
    },
    function describeTeam() {
      return patch(`/api/v1/namespaces/bob/teams/${pick(MODES)}`, { spec: { description: randomUUID() } });
    },
    function beginGroup() {
      return bob.call('POST', '/api/v1/namespaces', { metadata: { name: 'crew' } });
    },
    function endGroup() {
      return bob.call('DELETE', group);
    },
    function applyAgents() {
      return bob.call('POST', `${group}/apply`, agents(pick(NAMES)));
    },
    function deleteAgent() {
      const plural = pick(['ghosts', 'bots', 'teams']);
      const policy = pick(['Background', 'Foreground', 'Orphan']);
      return bob.call('DELETE', `${group}/${plural}/${pick(NAMES)}?propagationPolicy=${policy}`);
    },
    function addMember() {
      return bob.call('PUT', `${group}/members/eve`, { role: pick(['Reporter', 'Developer', 'Maintainer']) });
    },
    function removeMember() {
      return bob.call('DELETE', `${group}/members/eve`);
    },
  ];
}

/** Answers every run there is; some runs are stopped or deleted under its hands, which is no fault of theirs. */
async function answerAll(server: ChatServer, signal: AbortSignal): Promise<void> {
  const answer = async (executionId: string) => {
    const run = await claimRun(server.link, executionId).catch(() => undefined);
    await run?.answer('Done.').catch(() => undefined);
  };
  while (!signal.aborted) {
    const queued = server.takeQueued();
    await Promise.all(queued.map(answer));
    await waitFor(() => signal.aborted || server.hasQueued(), { what: 'a run', timeoutMs: 60_000 });
  }
}

function pick<Item>(items: readonly Item[]): Item {
  const item = items[Math.floor(Math.random() * items.length)];
  if (item === undefined) throw new Error('there is nothing to pick from');
  return item;
}
