import { mkdir, symlink } from 'node:fs/promises';
import path from 'node:path';
import type { ChatSend, ExecutorOverview } from '@wegent/api';
import { createApiClient } from '@wegent/client';
import { createSimulator } from '@wegent/simulator';
import {
  type BareRepository,
  enginesFolder,
  freePort,
  type GitHttpServer,
  startGitHttpServer,
  startMariaDb,
  startRedis,
  type TestRedis,
  temporaryFolder,
  waitFor,
} from '@wegent/testing';
import { type CodingTask, equip, GIT_CREDENTIAL, openTask } from './coding.ts';
import { type Person, signIn, withApiKey } from './person.ts';
import { type Program, startProgram } from './program.ts';
import { insideOf } from './sandbox-processes.ts';
import { ADMIN_PASSWORD } from './standalone.ts';

const ROOT = path.resolve(import.meta.dirname, '../..');
const SECRET = 'a secret of servers and managers, long enough';

/** A server or a manager of an installation, in a process of its own. */
export interface Member {
  readonly name: string;
  readonly url: string;
  readonly dataDir: string;
  /** The process of now; another one after `restart`. */
  process(): Program;
  /** Ends it as a crash does. */
  kill(): Promise<void>;
  /** Ends it as an operator does. */
  stop(): Promise<number | null>;
  /** Starts it again on the same port and data. */
  restart(): Promise<void>;
}

/** Servers and managers as processes of their own, with Redis, a database, a git host and the demo model. */
export interface Installation extends AsyncDisposable {
  readonly servers: readonly Member[];
  readonly managers: readonly Member[];
  readonly redis: TestRedis;
  readonly git: GitHttpServer;
  readonly repository: BareRepository;
  readonly secret: string;
  /** The administrator, at the first server. */
  readonly admin: Person;
  /** Starts a coding task. */
  start(options: Partial<ChatSend> & { message: string }): Promise<CodingTask>;
  overview(): Promise<ExecutorOverview>;
  /** The manager that runs something of a task now. */
  managerOf(taskId: string): Promise<Member>;
}

/** Starts an installation with local sandboxes; each manager stands for a host of its own. */
export async function startInstallation({
  servers: serverCount = 1,
  managers: managerCount = 2,
  drainSeconds = 20,
  maxTasks = 5,
  allow = [],
}: {
  servers?: number;
  managers?: number;
  drainSeconds?: number;
  /** Places of each manager. */
  maxTasks?: number;
  /** Private addresses that runs may reach, besides the git host. */
  allow?: readonly string[];
} = {}): Promise<Installation> {
  const stack = new AsyncDisposableStack();
  try {
    const engines = enginesFolder();
    if (engines === undefined) throw new Error('Claude Code is not installed for tests');
    const folder = stack.use(await temporaryFolder());
    const redis = stack.use(await startRedis({ private: true }));
    const git = stack.use(await startGitHttpServer({ credential: GIT_CREDENTIAL }));
    const repository = await git.createRepository('ada/sample.git', { 'README.md': '# Sample\n' });
    const model = stack.use(await createSimulator({ pace: 0 }).listen());
    const common = {
      REDIS_URL: redis.url,
      BLOB_URL: `file:${path.join(folder.path, 'blobs')}`,
      INTERNAL_SECRET: SECRET,
      HOST: '127.0.0.1',
      LOG_LEVEL: 'info',
    };
    // Several servers share a database server, one has a file.
    const databaseUrl =
      serverCount > 1
        ? await stack.use(await startMariaDb()).createDatabase()
        : `sqlite:${path.join(folder.path, 'wegent.db')}`;
    const servers: Member[] = [];
    for (let index = 0; index < serverCount; index += 1) {
      const name = `server-${index + 1}`;
      const member = await startMember({
        name,
        dataDir: path.join(folder.path, name),
        file: path.join(ROOT, 'e2e/support/server-program.ts'),
        ready: 'the server is ready',
        env: {
          ...common,
          DATABASE_URL: databaseUrl,
          JWT_SECRET: 'the same secret on all servers, and long enough',
          SECRET_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
          WEGENT_ADMIN_PASSWORD: ADMIN_PASSWORD,
          OUTBOUND_ALLOW: [`127.0.0.1:${git.port}`, ...allow].join(','),
        },
      });
      stack.defer(() => end(member));
      servers.push(member);
    }
    const url = servers[0]?.url ?? '';
    const startManager = async (index: number): Promise<Member> => {
      const name = `host-${index + 1}`;
      const dataDir = path.join(folder.path, name);
      await mkdir(dataDir, { recursive: true });
      await symlink(engines, path.join(dataDir, 'engines'));
      const member = await startMember({
        name,
        dataDir,
        file: path.join(ROOT, 'apps/manager/src/main.ts'),
        ready: 'the manager is ready',
        env: {
          ...common,
          SERVER_URL: servers[index % serverCount]?.url ?? url,
          SIMULATOR_URL: model.url,
          MANAGER_ID: name,
          SANDBOX: 'local',
          WARM_SANDBOXES: '0',
          DRAIN_SECONDS: String(drainSeconds),
          MAX_CONCURRENT_TASKS: String(maxTasks),
        },
      });
      stack.defer(() => end(member));
      return member;
    };
    const started = await Promise.allSettled(
      Array.from({ length: managerCount }, (_, index) => startManager(index)),
    );
    const managers = started.map((one) => {
      if (one.status === 'rejected') throw one.reason;
      return one.value;
    });
    const admin = await withApiKey(url, await signIn(url));
    await equip(admin, git);
    const overview = () => admin.api.http.request<ExecutorOverview>('GET', '/api/v1/admin/executors');
    await waitFor(async () => (await overview()).managers.length === managerCount, {
      what: 'all managers to report',
      timeoutMs: 30_000,
    });
    const owned = stack.move();
    return {
      servers,
      managers,
      redis,
      git,
      repository,
      secret: SECRET,
      admin,
      overview,
      async start(options) {
        const ack = await admin.api.tasks.create({
          clientMessageId: crypto.randomUUID(),
          team: { name: 'coder', namespace: 'default' },
          type: 'code',
          workspace: { gitUrl: repository.url, branchName: 'main' },
          ...options,
        });
        return openTask(admin, ack.taskId, ack.executionIds[0] ?? '');
      },
      async managerOf(taskId) {
        const isThere = async () => {
          const { managers: states } = await overview();
          const found = states.find(({ sandboxes }) =>
            sandboxes.some((sandbox) => sandbox.taskId === taskId && sandbox.state === 'busy'),
          );
          return managers.find(({ name }) => name === found?.managerId);
        };
        return waitFor(isThere, { what: 'a manager to work on the task', timeoutMs: 60_000 });
      },
      [Symbol.asyncDispose]: () => owned.disposeAsync(),
    };
  } catch (error) {
    await stack.disposeAsync();
    throw error;
  }
}

/** The same person at another server of the installation. */
export function atServer(person: Person, { url }: Member): Person {
  return { ...person, api: createApiClient({ baseUrl: url, getAccessToken: () => person.token }) };
}

async function startMember({
  name,
  dataDir,
  file,
  ready,
  env,
}: {
  name: string;
  dataDir: string;
  file: string;
  ready: string;
  env: Record<string, string>;
}): Promise<Member> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const start = () =>
    startProgram({
      file,
      ready,
      env: { ...env, DATA_DIR: dataDir, PORT: String(port), MANAGER_URL: url },
    });
  let current = await start();
  return {
    name,
    url,
    dataDir,
    process: () => current,
    async kill() {
      await current.end('SIGKILL');
    },
    stop: () => current.end('SIGTERM'),
    async restart() {
      current = await start();
    },
  };
}

/**
 * A manager that ends leaves sandboxes at work to the next one, and one that was killed leaves all of them: what is left
 * ends here, after a test that stopped half-way too.
 */
async function end(member: Member): Promise<void> {
  await member.process().end('SIGTERM');
  await member.process().end('SIGKILL');
  for (const { pid } of await insideOf(member.dataDir)) {
    try {
      process.kill(pid, 'SIGKILL');
    } catch {
      // It ended meanwhile.
    }
  }
}
