import { setTimeout as delay } from 'node:timers/promises';
import type { ChatSend, Message } from '@wegent/api';
import {
  type BareRepository,
  enginesFolder,
  type GitHttpServer,
  startDocker,
  startGitHttpServer,
  waitFor,
} from '@wegent/testing';
import { type Person, signIn, withApiKey } from './person.ts';
import { type Standalone, startStandalone } from './standalone.ts';

/** A product with an installed Claude Code, a git host, a repository on it, and agents that work on it. */
export interface CodingStage extends AsyncDisposable {
  readonly product: Standalone;
  readonly admin: Person;
  readonly git: GitHttpServer;
  readonly repository: BareRepository;
  /** Starts a coding task of an agent: `coder` asks nobody, `careful` asks before each Bash call. */
  start(options: Partial<ChatSend> & { message: string; agent?: 'coder' | 'careful' }): Promise<CodingTask>;
}

/** One coding task over the API. */
export interface CodingTask {
  readonly taskId: string;
  readonly executionId: string;
  messages(): Promise<Message[]>;
  /** The newest answer, once it is over. */
  answered(timeoutMs?: number): Promise<Message>;
  /** The newest answer, once it fulfils the condition. */
  until(condition: (answer: Message) => boolean, what: string, timeoutMs?: number): Promise<Message>;
  send(message: string, options?: Partial<ChatSend>): Promise<string>;
  /** GET or POST below the task, as JSON. */
  get<Answer>(path: string): Promise<Answer>;
  post<Answer>(path: string, body?: unknown): Promise<Answer>;
  text(path: string): Promise<string>;
}

/** Who may use the git host of a stage. */
export const GIT_CREDENTIAL = { username: 'ada', password: 'the-git-password' };

/** Pause between two looks at a conversation. */
const POLL_MS = 100;
const FINAL = ['completed', 'failed', 'cancelled', 'skipped'];

/** Starts the stage with a sandbox driver; `env` goes to the product, whose runs may reach what `allow` lists too. */
export async function startCodingStage({
  sandbox,
  env = {},
  allow = [],
}: {
  sandbox: 'local' | 'docker';
  env?: Record<string, string | undefined>;
  allow?: readonly string[];
}): Promise<CodingStage> {
  const stack = new AsyncDisposableStack();
  try {
    const git = stack.use(await startGitHttpServer({ credential: GIT_CREDENTIAL }));
    const repository = await git.createRepository('ada/sample.git', {
      'README.md': '# Sample\n\nHello.\n',
      'src/index.js': 'export const answer = 41;\n',
      'CLAUDE.md': 'Always be brief.\n',
    });
    const engines = enginesFolder();
    if (engines === undefined) throw new Error('Claude Code is not installed for tests');
    const docker = sandbox === 'docker' ? stack.use(await startDocker()) : undefined;
    const product = stack.use(
      await startStandalone({
        enginesFolder: engines,
        env: {
          SANDBOX: sandbox,
          OUTBOUND_ALLOW: [`127.0.0.1:${git.port}`, ...allow].join(','),
          SIMULATOR_PACE: '0',
          WARM_SANDBOXES: '0',
          ...(docker ? { DOCKER_HOST: docker.host, EXECUTOR_IMAGE: await docker.executorImage() } : {}),
          ...env,
        },
      }),
    );
    const admin = await withApiKey(product.url, await signIn(product.url));
    await equip(admin, git);
    const owned = stack.move();
    return {
      product,
      admin,
      git,
      repository,
      async start({ agent = 'coder', ...options }) {
        const ack = await admin.api.tasks.create({
          clientMessageId: crypto.randomUUID(),
          team: { name: agent, namespace: 'default' },
          type: 'code',
          workspace: { gitUrl: repository.url, branchName: 'main' },
          ...options,
        });
        return openTask(admin, ack.taskId, ack.executionIds[0] ?? '');
      },
      async [Symbol.asyncDispose]() {
        const crashed = await Promise.race([product.process().exit.then(() => true), delay(0, false)]);
        const output = product.process().output();
        await owned.disposeAsync();
        if (crashed) throw new Error(`the product ended by itself:\n${output}`);
      },
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** Connects the git host, and makes the agents. */
export async function equip(admin: Person, git: GitHttpServer): Promise<void> {
  await connectGit(admin, git);
  await makeAgents(admin);
}

/** Lets somebody work with the git host of a stage. */
export async function connectGit(admin: Person, git: GitHttpServer): Promise<void> {
  await admin.api.http.request('POST', '/api/v1/users/me/git-hosts', {
    body: {
      domain: `127.0.0.1:${git.port}`,
      type: 'git',
      username: GIT_CREDENTIAL.username,
      token: GIT_CREDENTIAL.password,
    },
  });
}

/** Makes the agents of a stage in the space of a person. */
export async function makeAgents(person: Person): Promise<void> {
  const { namespace } = person.user;
  const own = AGENTS.map((agent) => ({ ...agent, metadata: { ...agent.metadata, namespace } }));
  const { results } = await person.api.resources.apply(namespace, own);
  const failed = results.filter(({ operation }) => operation === 'failed');
  if (failed.length > 0) throw new Error(`agents were not made: ${JSON.stringify(failed)}`);
}

/** A task of somebody over the API. */
export function openTask({ api }: Person, taskId: string, executionId: string): CodingTask {
  const base = `/api/v1/tasks/${taskId}`;
  const task: CodingTask = {
    taskId,
    executionId,
    messages: async () => (await api.tasks.messages(taskId, {})).items,
    answered: (timeoutMs) =>
      task.until(({ status }) => FINAL.includes(status), 'the end of the answer', timeoutMs),
    async until(condition, what, timeoutMs = 120_000) {
      let last: Message | undefined;
      const look = async () => {
        await delay(POLL_MS);
        last = (await task.messages()).findLast(({ role }) => role === 'assistant');
        return last !== undefined && condition(last) ? last : undefined;
      };
      return waitFor(look, { what, timeoutMs }).catch((cause: unknown) => {
        throw new Error(`${what} did not come; the answer is ${JSON.stringify(last, null, 1)}`, { cause });
      });
    },
    async send(message, options = {}) {
      const ack = await api.http.request<{ executionIds: string[] }>('POST', `${base}/messages`, {
        body: { clientMessageId: crypto.randomUUID(), message, ...options },
      });
      return ack.executionIds[0] ?? '';
    },
    get: (path) => api.http.request('GET', `${base}${path}`),
    post: (path, body) => api.http.request('POST', `${base}${path}`, { body: body ?? {} }),
    text: async (path) => (await api.http.send('GET', `${base}${path}`)).text(),
  };
  return task;
}

/** Tool calls of an answer with what came of them. */
export function toolsOf(answer: Message) {
  return answer.blocks.filter((block) => block.type === 'tool');
}

/** A resource of the namespace `default`. */
export const object = (kind: string, name: string, spec: object) => ({
  apiVersion: 'agent.wecode.io/v1',
  kind,
  metadata: { name, namespace: 'default' },
  spec,
});

/** Agents of the stage; the demo model speaks the protocol of Claude Code. */
const AGENTS = [
  object('Model', 'demo-claude', {
    modelConfig: {
      env: { model: 'claude', model_id: 'demo', base_url: 'simulator:', api_key: 'none' },
    },
    pricing: { input: 3, output: 15 },
  }),
  object('Ghost', 'coder', { systemPrompt: 'You work on code.' }),
  object('Ghost', 'careful', {
    systemPrompt: 'You work on code and ask before you run commands.',
    approvals: [{ tool: 'Bash', decision: 'ask' }],
  }),
  ...['coder', 'careful'].flatMap((name) => [
    object('Bot', name, {
      ghostRef: { name },
      shellRef: { name: 'ClaudeCode' },
      modelRef: { name: 'demo-claude' },
    }),
    object('Team', name, {
      collaborationModel: 'solo',
      bind_mode: ['code', 'chat'],
      members: [{ botRef: { name } }],
    }),
  ]),
];
