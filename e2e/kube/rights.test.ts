import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKubeServer } from '../support/kube-server.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';
import { newPerson, withApiKey } from '../support/person.ts';
import { document, yaml } from './documents.ts';

/** Who has which role in the namespace. */
const ROLES = {
  owner: 'Owner',
  developer: 'Developer',
  reporter: 'Reporter',
  maintainer: 'Maintainer',
  outsider: undefined,
} as const;
type Role = keyof typeof ROLES;
const NAMES = Object.keys(ROLES) as Role[];
const TAKE_PART: readonly Role[] = ['owner', 'developer', 'reporter'];

/** A question, the command that it is about, and for whom both say yes. */
type Row = [question: string, command: string, allowed: readonly Role[]];

const MEMBERS: readonly Role[] = ['owner', 'maintainer', 'developer', 'reporter'];
const WRITERS: readonly Role[] = ['owner', 'maintainer', 'developer'];
const MANAGERS: readonly Role[] = ['owner', 'maintainer'];
const NOTHING = '--type=merge -p {} --dry-run=server';

const ROWS: readonly Row[] = [
  ['list ghosts', 'get ghosts', MEMBERS],
  ['get ghosts/soul', 'get ghost soul', MEMBERS],
  ['watch ghosts', 'get --raw /api/v1/namespaces/crew/ghosts?watch=1&timeoutSeconds=1', MEMBERS],
  ['create ghosts', 'create -f ghost.yaml --dry-run=server', WRITERS],
  ['patch ghosts', `patch ghost soul ${NOTHING}`, WRITERS],
  ['update ghosts', 'replace -f soul.yaml --dry-run=server', WRITERS],
  ['delete ghosts', 'delete ghost soul --dry-run=server --cascade=background', MANAGERS],
  ['deletecollection ghosts', 'delete ghosts --all --dry-run=server --cascade=background', MANAGERS],
  ['patch bots --subresource=status', `patch bot body --subresource=status ${NOTHING}`, WRITERS],
  ['list secrets', 'get secrets', MEMBERS],
  ['create secrets', 'create secret generic new --from-literal=a=b --dry-run=server', WRITERS],
  ['list events', 'get events', MEMBERS],
  ['get tasks/job', 'get task job', TAKE_PART],
  ['patch tasks/job', `patch task job ${NOTHING}`, ['owner', 'developer']],
  [
    'patch tasks/job --subresource=status',
    `patch task job --subresource=status ${NOTHING}`,
    ['owner', 'developer'],
  ],
  ['delete tasks/job', 'delete task job --dry-run=server', ['owner']],
  ['get pods/job', 'get pod job', TAKE_PART],
  ['get pods/job --subresource=log', 'logs job', TAKE_PART],
  ['delete pods/job', 'delete pod job --dry-run=server', []],
  ['get namespaces/crew', 'get namespace crew', MEMBERS],
  ['patch namespaces/crew', 'label namespace crew a=b --dry-run=server', MANAGERS],
  ['delete namespaces/crew', 'delete namespace crew --dry-run=server', ['owner']],
];

describeWith(['kubectl'], 'auth can-i says what kubectl may do', () => {
  let resources: AsyncDisposableStack;
  const kubectl = new Map<Role, Kubectl>();

  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    const { server, admin, cluster } = resources.use(await startKubeServer());
    const folder = resources.use(await temporaryFolder()).path;
    for (const name of NAMES) {
      const person =
        name === 'owner' ? admin : await withApiKey(server.url, await newPerson(server.url, admin, name));
      const own = path.join(folder, name);
      kubectl.set(
        name,
        await createKubectl({ ...cluster, folder: own, token: person.token, namespace: 'crew' }),
      );
      await mkdir(own, { recursive: true });
      await writeFile(path.join(own, 'ghost.yaml'), yaml(document('Ghost', 'new', { systemPrompt: 'x' })));
      await writeFile(path.join(own, 'soul.yaml'), yaml(document('Ghost', 'soul', { systemPrompt: 'z' })));
    }
    const owner = kubectlOf('owner');
    await owner(['create', 'namespace', 'crew']);
    for (const [name, role] of Object.entries(ROLES)) {
      if (role === undefined || name === 'owner') continue;
      const answer = await fetch(`${server.url}/api/v1/namespaces/crew/members/${name}`, {
        method: 'PUT',
        headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
        body: JSON.stringify({ role }),
      });
      expect(answer.status).toBe(200);
    }
    const job = { prompt: '@assistant Hi.', teamRef: { name: 'assistant', namespace: 'public' } };
    const input = yaml(
      document('Ghost', 'soul', { systemPrompt: 'x' }),
      document('Bot', 'body', {
        ghostRef: { name: 'soul' },
        shellRef: { name: 'Chat', namespace: 'public' },
        modelRef: { name: 'demo', namespace: 'public' },
      }),
      document('Task', 'job', { ...job, participants: ['developer', 'reporter'] }),
    );
    const made = await owner(['apply', '-f', '-'], { input });
    expect(made.code, made.output).toBe(0);
  });
  afterAll(() => resources?.disposeAsync());

  test.each(ROWS)('%s', async (question, command, allowed) => {
    await Promise.all(
      NAMES.map(async (name) => {
        const run = kubectlOf(name);
        const expected = allowed.includes(name);
        const said = await run(['auth', 'can-i', ...question.split(' ')]);
        expect(said.output, `${name}: ${question}`).toMatch(expected ? /^yes$/m : /^no\b/m);
        expect(said.code, `${name}: ${question}`).toBe(expected ? 0 : 1);
        const done = await run(command.split(' '));
        expect(done.code, `${name}: ${command}\n${done.output}`).toBe(expected ? 0 : 1);
        if (!expected) expect(done.output, `${name}: ${command}`).toMatch(REFUSED);
      }),
    );
  });

  test('create pods/job --subresource=exec: not for Reporters, nor for who takes no part', async () => {
    await Promise.all(
      NAMES.map(async (name) => {
        const expected = name === 'owner' || name === 'developer';
        const said = await kubectlOf(name)(['auth', 'can-i', 'create', 'pods/job', '--subresource=exec']);
        expect(said.output, name).toMatch(expected ? /^yes$/m : /^no\b/m);
        // This Task works in no sandbox, and only those are told so who might enter it.
        const done = await kubectlOf(name)(['exec', 'job', '--', 'id']);
        expect(done.code, name).toBe(1);
        expect(REFUSED.test(done.output), `${name}: ${done.output}`).toBe(!expected);
      }),
    );
  });

  test('run is a verb as well: who may talk to a Team or in a Task', async () => {
    const asked = await Promise.all(
      NAMES.map(async (name) => {
        const { output } = await kubectlOf(name)(['auth', 'can-i', 'run', 'tasks/job']);
        return /^yes$/m.test(output) ? name : undefined;
      }),
    );
    expect(asked.filter((name) => name !== undefined)).toEqual(TAKE_PART);
    const team = ['auth', 'can-i', 'run', 'teams/assistant', '-n', 'public'];
    expect((await kubectlOf('outsider')(team)).output).toMatch(/^yes$/m);
  });

  function kubectlOf(name: Role): Kubectl {
    const found = kubectl.get(name);
    if (!found) throw new Error(`there is no ${name}`);
    return found;
  }
});

const REFUSED = /forbidden|"(soul|job|crew|body)" not found|MethodNotAllowed/i;
