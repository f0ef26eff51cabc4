import { randomUUID } from 'node:crypto';
import { request } from 'node:http';
import type { ClientRequests, Message } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { signAccessToken } from '../src/auth/access-token.ts';
import { handshakeRefusal } from './support/chat-client.ts';
import {
  type ChatServer,
  document,
  JWT_SECRET,
  type Person,
  startChatServer,
} from './support/chat-server.ts';

/** Who looks: the role in the namespace of the Task, and the place in the Task. */
const PEOPLE = {
  author: { role: 'Developer', part: 'owner' },
  owner: { role: 'Owner', part: undefined },
  maintainer: { role: 'Maintainer', part: undefined },
  developer: { role: 'Developer', part: undefined },
  reporter: { role: 'Reporter', part: undefined },
  nobody: { role: undefined, part: undefined },
  guest: { role: undefined, part: 'member' },
  reading: { role: 'Reporter', part: 'member' },
  managing: { role: 'Maintainer', part: 'member' },
  left: { role: 'left', part: 'member' },
  former: { role: 'Developer', part: 'left' },
} as const;
type Name = keyof typeof PEOPLE;
const NAMES = Object.keys(PEOPLE) as Name[];

/** What each request of a socket takes, as `auth can-i` is asked for it; undefined for what everybody may. */
const VERB_OF: Record<keyof ClientRequests, 'get' | 'run' | undefined> = {
  'task:join': 'get',
  'chat:resume': 'get',
  'history:sync': 'get',
  'task:read': 'get',
  'task:select': 'run',
  'chat:send': 'run',
  'chat:queued': 'run',
  'chat:cancel': 'run',
  'chat:regenerate': 'run',
  'task:leave': undefined,
};

/** A Task with one finished answer. */
interface Conversation {
  name: string;
  taskId: string;
  question: string;
  answer: string;
}

let server: ChatServer;

describe('rights through sockets, and what reviews say about them', () => {
  const people = new Map<Name, Person>();

  beforeAll(async () => {
    server = await startChatServer();
    for (const name of NAMES) people.set(name, await server.newPerson(name));
    const owner = personOf('owner');
    await must(owner.call('POST', '/api/v1/namespaces', { metadata: { name: 'crew' } }));
    for (const [name, { role }] of Object.entries(PEOPLE)) {
      if (role === undefined || name === 'owner') continue;
      await must(setRole(name, role === 'left' ? 'Developer' : role));
    }
    const documents = [
      document('Ghost', 'soul', { systemPrompt: 'x' }),
      document('Bot', 'body', {
        ghostRef: { name: 'soul' },
        shellRef: { name: 'Chat', namespace: 'public' },
        modelRef: { name: 'demo', namespace: 'public' },
      }),
      document('Model', 'brain', { modelConfig: { env: { model: 'openai', model_id: 'demo' } } }),
      document('Workspace', 'desk', { repository: { gitUrl: 'https://git.example/a.git' } }),
      document('Team', 'squad', { collaborationModel: 'solo', members: [{ botRef: { name: 'body' } }] }),
    ];
    await must(owner.call('POST', '/api/v1/namespaces/crew/apply', documents));
    await must(owner.call('DELETE', '/api/v1/namespaces/crew/members/left'));
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test.each(NAMES)('%s and a Task, request by request', async (name) => {
    const person = personOf(name);
    const task = await newConversation();
    using client = await person.connect();
    let queued = task.question;
    const ask = async <Event extends keyof ClientRequests>(
      event: Event,
      payload: Omit<ClientRequests[Event][0], 'taskId'>,
    ) => {
      const verb = VERB_OF[event];
      const before = await stateOf(task);
      const allowed = verb === undefined || (await review(person, verb, 'tasks', task.name));
      const answer = await client.raw(event, { ...payload, taskId: task.taskId });
      expect(answer.ok, `${event}: said and done: ${JSON.stringify(answer.error)}`).toBe(allowed);
      if (!answer.ok) {
        expect(answer.error).toMatchObject({
          code: 404,
          reason: 'NotFound',
          message: `tasks.agent.wecode.io "${task.taskId}" not found`,
        });
        expect(await stateOf(task), event).toEqual(before);
      }
      return answer;
    };
    const say = () => ask('chat:send', { clientMessageId: randomUUID(), message: '@squad And?' });

    await ask('task:join', {});
    await ask('chat:resume', { afterSeq: 0 });
    await ask('history:sync', {});
    await ask('task:read', {});
    await ask('task:select', { messageId: task.answer });
    await say();
    const second = await say();
    if (second.ok) queued = String(second.messageId);
    await ask('chat:queued', { messageId: queued, action: 'delete' });
    await ask('chat:cancel', {});
    await server.settled(task.taskId);
    await ask('chat:regenerate', { messageId: task.answer });
    await ask('chat:cancel', {});
    await ask('task:leave', {});
    const takesPart = ['owner', 'member'].includes(PEOPLE[name].part ?? '');
    expect(await review(person, 'get', 'tasks', task.name), 'the rule itself').toBe(takesPart);
    if (!takesPart)
      expect(client.received.filter(({ payload }) => JSON.stringify(payload).includes(task.taskId))).toEqual(
        [],
      );
  });

  test.each(NAMES)('%s begins with a Team, a Model and a Workspace', async (name) => {
    const person = personOf(name);
    using client = await person.connect();
    const own = { name: 'assistant', namespace: 'public' };
    for (const [plural, called, more] of [
      ['teams', 'squad', { team: { name: 'squad', namespace: 'crew' } }],
      ['models', 'brain', { team: own, modelOverride: { name: 'brain', namespace: 'crew' } }],
      [
        'workspaces',
        'desk',
        { team: { name: 'coder', namespace: 'public' }, workspace: { name: 'desk', namespace: 'crew' } },
      ],
    ] as const) {
      const allowed = await review(person, 'run', plural, called);
      expect(allowed, plural).toBe(![undefined, 'left'].includes(PEOPLE[name].role));
      const before = (await person.call('GET', '/api/v1/tasks')).body.items.length;
      const answer = await client.raw('chat:send', {
        clientMessageId: randomUUID(),
        message: 'Hello.',
        ...more,
      });
      expect(answer.ok, `${plural}: ${JSON.stringify(answer.error)}`).toBe(allowed);
      if (!answer.ok)
        expect(answer.error).toMatchObject({
          code: 404,
          message: expect.stringContaining(`"${called}" not found`),
        });
      const after = (await person.call('GET', '/api/v1/tasks')).body.items.length;
      expect(after - before, plural).toBe(allowed ? 1 : 0);
    }
  });

  test.each(NAMES)('%s and a Task, its Pod and its Events through REST', async (name) => {
    const person = personOf(name);
    const task = await newConversation();
    const tasks = '/apis/agent.wecode.io/v1/namespaces/crew/tasks';
    const core = '/api/v1/namespaces/crew';
    for (const [verb, resource, method, path] of [
      ['get', 'tasks', 'GET', `${tasks}/${task.name}`],
      ['patch', 'tasks', 'PATCH', `${tasks}/${task.name}`],
      ['delete', 'tasks', 'DELETE', `${tasks}/${task.name}`],
      ['get', 'tasks/status', 'GET', `${tasks}/${task.name}/status`],
      ['patch', 'tasks/status', 'PATCH', `${tasks}/${task.name}/status`],
      ['get', 'pods', 'GET', `${core}/pods/${task.name}`],
      ['get', 'pods/log', 'GET', `${core}/pods/${task.name}/log`],
      ['create', 'pods/exec', 'GET', `${core}/pods/${task.name}/exec`],
      ['create', 'pods/attach', 'GET', `${core}/pods/${task.name}/attach`],
      ['delete', 'pods', 'DELETE', `${core}/pods/${task.name}`],
      ['list', 'tasks', 'GET', tasks],
      ['list', 'pods', 'GET', `${core}/pods`],
      ['list', 'events', 'GET', `${core}/events`],
    ] as const) {
      const asked = verb === 'list' ? '' : task.name;
      const allowed = await review(person, verb, resource, asked);
      const status = await doIt(person, method, path);
      expect(status < 300, `${verb} ${resource}: said and done (${status})`).toBe(allowed);
      if (!allowed) expect([403, 404, 405], `${verb} ${resource}`).toContain(status);
    }
  });

  test('an approval and a question are for those who may talk to the Task', async () => {
    const { name, taskId } = await newConversation();
    await must(personOf('author').call('POST', `/api/v1/tasks/${taskId}/messages`, sending('@squad Go on.')));
    const run = await server.nextRun(taskId);
    await run.start();
    await run.askApproval(`approval-${name}`);
    const { items } = (await personOf('author').call('GET', `/api/v1/approvals?taskId=${taskId}`)).body;
    const path = `/api/v1/approvals/${items[0].id}`;
    const decide = (who: Name) => personOf(who).call('POST', path, { decision: 'allow' });
    const deciders: Name[] = [];
    for (const who of NAMES) {
      if (await review(personOf(who), 'run', 'tasks', name)) deciders.push(who);
      else expect((await decide(who)).status, who).toBe(404);
    }
    expect(deciders).toEqual(['author', 'guest', 'reading', 'managing', 'left']);
    expect((await decide('guest')).status).toBe(200);
    expect(await run.inputs()).toHaveLength(1);
    await run.finish();
  });

  test('who made a Task and may use its Team no more is told so, and reads on', async () => {
    const person = await server.newPerson('leaver');
    await must(setRole('leaver', 'Developer'));
    const task = await newConversation(person);
    await must(personOf('owner').call('DELETE', '/api/v1/namespaces/crew/members/leaver'));
    using client = await person.connect();
    expect((await client.raw('task:join', { taskId: task.taskId })).ok).toBe(true);
    expect(await review(person, 'get', 'tasks', task.name)).toBe(true);
    expect(await review(person, 'delete', 'tasks', task.name)).toBe(false);
    expect(await review(person, 'run', 'teams', 'squad')).toBe(false);
    const before = await stateOf(task);
    const answer = await client.raw('chat:send', { ...sending('@squad Still there?'), taskId: task.taskId });
    expect(answer.error).toMatchObject({ message: expect.stringContaining('Team "squad" not found') });
    expect(await stateOf(task)).toEqual(before);
  });

  test('who is not signed in is refused by sockets and by reviews alike', async () => {
    const dan = await server.newPerson('dan');
    const kim = await server.newPerson('kim');
    const key = (await kim.call('POST', '/api/v1/users/me/api-keys', { name: 'k' })).body;
    await must(kim.call('DELETE', `/api/v1/users/me/api-keys/${key.id}`));
    await must(server.admin.call('PATCH', `/api/v1/admin/users/${dan.user.id}`, { disabled: true }));
    const past = await signAccessToken(
      new TextEncoder().encode(JWT_SECRET),
      { userId: kim.user.id, sessionId: randomUUID(), epoch: 0 },
      { now: Date.now() - 60_000, seconds: 30 },
    );
    for (const [what, token, says] of [
      ['a disabled account', dan.token, 'unauthorized'],
      ['an expired token', past.token, 'expired'],
      ['a deleted key', key.key, 'unauthorized'],
      ['nonsense', 'x', 'unauthorized'],
    ] as const) {
      expect(await handshakeRefusal(server.url, { token }), what).toBe(says);
      const asked = await server.call('POST', REVIEWS, question('get', 'tasks', 'x'), {
        authorization: `Bearer ${token}`,
      });
      expect(asked.status, what).toBe(401);
    }
  });

  function personOf(name: Name): Person {
    const person = people.get(name);
    if (!person) throw new Error(`there is no ${name}`);
    return person;
  }

  const setRole = (name: string, role: string) =>
    personOf('owner').call('PUT', `/api/v1/namespaces/crew/members/${name}`, { role });

  async function newConversation(author = personOf('author')): Promise<Conversation> {
    const name = `t-${randomUUID().slice(0, 8)}`;
    const participants = NAMES.filter((known) => PEOPLE[known].part !== undefined && known !== 'author');
    const made = await must(
      author.call(
        'POST',
        '/apis/agent.wecode.io/v1/namespaces/crew/tasks',
        document('Task', name, { prompt: '@squad Begin.', teamRef: { name: 'squad' }, participants }),
      ),
    );
    const taskId = made.body.metadata.uid;
    await (await server.nextRun(taskId)).answer('Done.');
    await server.settled(taskId);
    await must(
      author.call('PATCH', `/api/v1/tasks/${taskId}`, {
        participants: participants.filter((known) => PEOPLE[known].part === 'member'),
      }),
    );
    const [question, answer] = (await author.messages(taskId)).map(({ id }) => id);
    if (!question || !answer) throw new Error('the Task has no answer');
    return { name, taskId, question, answer };
  }

  /** All of a Task that a request could have changed. */
  async function stateOf({ taskId }: Conversation): Promise<unknown> {
    const { messages } = await server.store.transaction(async (tx) => ({
      messages: [await tx.messages.queued(taskId), await tx.executions.activeOfTask(taskId)],
    }));
    const task = await server.store.tasks.get(taskId);
    const author = await server.store.users.get(task?.ownerId ?? '');
    const shown: Message[] = await (people.get('author')?.user.id === author?.id
      ? personOf('author').messages(taskId)
      : []);
    return { task, messages, shown, members: await server.store.tasks.members(taskId) };
  }
});

const REVIEWS = '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews';

function question(verb: string, called: string, name: string) {
  const [resource = '', subresource = ''] = called.split('/');
  const group = ['pods', 'events'].includes(resource) ? '' : 'agent.wecode.io';
  return { spec: { resourceAttributes: { group, namespace: 'crew', verb, resource, subresource, name } } };
}

/** Makes a request that writes nothing, and answers its status. */
async function doIt(person: Person, method: string, path: string): Promise<number> {
  const authorization = `Bearer ${person.token}`;
  if (/\/(exec|attach)$/.test(path)) {
    // Neither command nor protocol is named: whoever may come in is told so.
    const status = await upgradeStatus(path, { authorization });
    return status === 400 ? 101 : status;
  }
  const answer = await fetch(`${server.url}${path}${method === 'GET' ? '' : '?dryRun=All'}`, {
    method,
    headers: {
      authorization,
      ...(method === 'PATCH' ? { 'content-type': 'application/merge-patch+json' } : {}),
    },
    ...(method === 'PATCH' ? { body: '{}' } : {}),
  });
  await answer.body?.cancel();
  return answer.status;
}

function upgradeStatus(path: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const asking = request(server.url + path, {
      headers: { ...headers, connection: 'Upgrade', upgrade: 'websocket' },
    });
    asking.once('response', (response) => {
      response.resume();
      resolve(response.statusCode ?? 0);
    });
    asking.once('upgrade', (_response, socket) => {
      socket.destroy();
      resolve(101);
    });
    asking.once('error', reject).end();
  });
}

async function review(person: Person, verb: string, resource: string, name: string): Promise<boolean> {
  const answer = await person.call('POST', REVIEWS, question(verb, resource, name));
  expect(answer.status, answer.text).toBe(201);
  return answer.body.status.allowed;
}

function sending(message: string) {
  return { clientMessageId: randomUUID(), message };
}

async function must<Answer extends { status: number; text: string }>(call: Promise<Answer>): Promise<Answer> {
  const answer = await call;
  expect(answer.status, answer.text).toBeLessThan(300);
  return answer;
}
