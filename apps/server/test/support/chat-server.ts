import { randomUUID } from 'node:crypto';
import { type ChatSendAck, type Message, Session, type User } from '@wegent/api';
import { createOutbound, readInputForm } from '@wegent/engine';
import { waitFor } from '@wegent/testing';
import { pino } from 'pino';
import { composeServer } from '../../src/compose.ts';
import { readConfig } from '../../src/config.ts';
import type { ServerOptions } from '../../src/wegent-server.ts';
import { type ChatClient, connectChat } from './chat-client.ts';
import { claimRun, type ScriptedRun } from './scripted-run.ts';

export const ADMIN_PASSWORD = 'administrators password';
export const JWT_SECRET = 'the secret of these tests, with many characters';
export const INTERNAL_SECRET = 'the internal secret of these tests, with many characters';
const SEED_FOLDER = new URL('../../src/seed', import.meta.url).pathname;
const WAIT_MS = 20_000;

/** What a request was answered with. */
export interface Answer {
  status: number;
  // biome-ignore lint/suspicious/noExplicitAny: suites look into answers of many shapes
  body: any;
  text: string;
  headers: Headers;
}

/** Somebody who has signed in. */
export interface Person {
  readonly user: User;
  readonly token: string;
  readonly password: string;
  call(method: string, path: string, body?: unknown): Promise<Answer>;
  /** Opens a connection, which ends with the server at the latest. */
  connect(): Promise<ChatClient>;
  /** Starts a conversation with the assistant, or goes on with one, over HTTP. */
  send(input: { message: string; taskId?: string } & Record<string, unknown>): Promise<ChatSendAck>;
  /** The newest page of the active path. */
  messages(taskId: string): Promise<Message[]>;
}

/** A running server, see `startChatServer`. */
export type ChatServer = Awaited<ReturnType<typeof startChatServer>>;

/**
 * The real server on a database in memory, on a port of its own. In place of a manager the suite takes the runs
 * (`nextRun`) and says what each of them writes and when.
 */
export async function startChatServer({
  databaseUrl = 'sqlite::memory:',
  environment = {},
  executors,
  timings,
}: {
  databaseUrl?: string;
  /** More variables of the configuration. */
  environment?: Record<string, string>;
  executors?: ServerOptions['executors'];
  timings?: ServerOptions['timings'];
} = {}) {
  const log: string[] = [];
  const server = await composeServer({
    config: readConfig({
      DATABASE_URL: databaseUrl,
      BLOB_URL: 'memory:',
      PORT: '0',
      WEGENT_ADMIN_PASSWORD: ADMIN_PASSWORD,
      JWT_SECRET,
      INTERNAL_SECRET,
      SECRET_KEYS: `k1:${Buffer.alloc(32, 7).toString('base64')}`,
      MAX_ATTACHMENT_BYTES: '65536',
      ...environment,
    }),
    logger: pino({ level: 'trace' }, { write: (line) => log.push(line) }),
    seedFolder: SEED_FOLDER,
    testModel: async () => ({ ok: true, latencyMs: 1 }),
    readInputForm,
    fetchFor: createOutbound().fetchFor,
    ...(executors ? { executors } : {}),
    // Suites end leases themselves, right after the start.
    timings: { leaseGraceMs: 0, ...timings },
  });
  const { port } = await server.listen();
  const url = `http://127.0.0.1:${port}`;
  const { store } = server.services;

  let delivered: { id: string; taskId: string }[] = [];
  for (const queue of [server.queues.host, server.queues.sandbox]) {
    queue.consume({
      concurrency: 64,
      async handler({ id }) {
        const execution = await store.executions.get(id);
        if (execution) delivered.push({ id, taskId: execution.taskId });
      },
    });
  }

  const clients: ChatClient[] = [];
  const admin = await signIn('admin', ADMIN_PASSWORD);

  async function signIn(username: string, password: string): Promise<Person> {
    const answer = await call('POST', '/api/v1/auth/login', { username, password });
    const { accessToken, user } = Session.parse(answer.body);
    const authorised = (method: string, path: string, body?: unknown) =>
      call(method, path, body, { authorization: `Bearer ${accessToken}` });
    return {
      user,
      token: accessToken,
      password,
      call: authorised,
      async connect() {
        const client = await connectChat(url, { token: accessToken });
        clients.push(client);
        return client;
      },
      async send({ taskId, ...input }) {
        const path = taskId === undefined ? '/api/v1/tasks' : `/api/v1/tasks/${taskId}/messages`;
        const team = taskId === undefined ? { team: { name: 'assistant' } } : {};
        const answer = await authorised('POST', path, {
          clientMessageId: randomUUID(),
          ...team,
          ...input,
        });
        if (answer.status !== 201) throw new Error(`message was refused: ${answer.text}`);
        return answer.body;
      },
      async messages(taskId) {
        const answer = await authorised('GET', `/api/v1/tasks/${taskId}/messages?limit=200`);
        if (answer.status !== 200) throw new Error(`messages were refused: ${answer.text}`);
        return answer.body.items;
      },
    };
  }

  async function call(
    method: string,
    path: string,
    body?: unknown,
    headers: Record<string, string> = {},
  ): Promise<Answer> {
    const response = await fetch(url + path, {
      method,
      headers: { ...headers, ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json') === true;
    return {
      status: response.status,
      body: isJson ? JSON.parse(text) : text,
      text,
      headers: response.headers,
    };
  }

  return {
    ...server,
    url,
    store,
    admin,
    call,
    signIn,
    /** Everything that was logged, from the finest level on. */
    log,

    /** Makes an account and signs it in. */
    async newPerson(username: string, role: 'admin' | 'user' = 'user'): Promise<Person> {
      const password = `password of ${username}`;
      const made = await admin.call('POST', '/api/v1/admin/users', { username, password, role });
      if (made.status !== 201) throw new Error(`user ${username} was not made: ${made.text}`);
      return signIn(username, password);
    },

    /** Takes the next run of a task, or the one that is named, out of the queue, as a manager would. */
    async nextRun(taskId: string, executionId?: string): Promise<ScriptedRun> {
      const isWanted = (job: { id: string; taskId: string }) =>
        job.taskId === taskId && (executionId === undefined || job.id === executionId);
      const job = await waitFor(() => delivered.find(isWanted), {
        what: `a run of task ${taskId} in the queue`,
        timeoutMs: WAIT_MS,
      });
      delivered = delivered.filter((one) => one !== job);
      return claimRun(server.link, job.id);
    },

    /** Takes all runs that are in the queue now. */
    takeQueued(): string[] {
      const ids = delivered.map(({ id }) => id);
      delivered = [];
      return ids;
    },

    /** Is a run of any task in the queue? */
    hasQueued: () => delivered.length > 0,

    /** Was a run of this task put into the queue and not taken yet? */
    hasRun: (taskId: string) => delivered.some((one) => one.taskId === taskId),

    /** Waits until no run of the task is open and all of its answers are final. */
    async settled(taskId: string): Promise<void> {
      await waitFor(
        async () => {
          const task = await store.tasks.get(taskId);
          const active = await store.executions.activeOfTask(taskId);
          const open = (await store.messages.unfinished(1000)).some((message) => message.taskId === taskId);
          return task?.finishedAt != null && active.length === 0 && !open;
        },
        { what: `task ${taskId} to be over`, timeoutMs: WAIT_MS },
      );
    },

    async [Symbol.asyncDispose]() {
      for (const client of clients) client[Symbol.dispose]();
      await server.close();
    },
  };
}

/** A document of the resource API. */
export function document(kind: string, name: string, spec: Record<string, unknown>) {
  return { apiVersion: 'agent.wecode.io/v1', kind, metadata: { name }, spec };
}
