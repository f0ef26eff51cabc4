import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import path from 'node:path';
import { z } from 'zod';
import type { SandboxLifetimes } from './sandboxes/sandbox-pool.ts';

const HOUR_MS = 3_600_000;

const Environment = z.object({
  SERVER_URL: z.url({ protocol: /^https?$/ }),
  INTERNAL_SECRET: z.string().min(16, 'must have at least 16 characters'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  BLOB_URL: z.string().regex(/^[a-z0-9]+:/, 'must be a URL such as file:/var/lib/wegent/blobs'),
  SIMULATOR_URL: z.url({ protocol: /^https?$/ }).optional(),
  MANAGER_ID: z.string().min(1).max(200).optional(),
  HOST_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(256),
  DATA_DIR: z.string().min(1).default('./data'),
  MANAGER_URL: z.url({ protocol: /^https?$/ }).optional(),
  DRAIN_SECONDS: z.coerce.number().min(0).max(3600).default(20),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** The variables about sandboxes; standalone reads them too. */
export const SandboxEnvironment = z.object({
  SANDBOX: z.enum(['auto', 'local', 'docker', 'unsafe-process']).default('auto'),
  MAX_CONCURRENT_TASKS: z.coerce.number().int().min(1).max(1000).default(5),
  EXECUTOR_IMAGE: z.string().default('wegent-executor:latest'),
  EXECUTOR_NETWORK: z
    .string()
    .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/, 'must be the name of a network')
    .default('wegent-network'),
  EXECUTOR_PORT_RANGE_MIN: z.coerce.number().int().min(1024).max(65_535).default(10_001),
  EXECUTOR_PORT_RANGE_MAX: z.coerce.number().int().min(1024).max(65_535).default(10_100),
  DOCKER_HOST: z
    .string()
    .regex(/^(unix:\/\/)?\//, 'must be a socket such as unix:///var/run/docker.sock')
    .default('/var/run/docker.sock'),
  CHAT_SANDBOX_HOURS: z.coerce.number().positive().default(2),
  CODE_SANDBOX_HOURS: z.coerce.number().positive().default(24),
  SANDBOX_DELETION_DELAY_MINUTES: z.coerce.number().min(0).default(10),
  MAX_IDLE_SANDBOXES: z.coerce.number().int().min(0).default(10),
  WARM_SANDBOXES: z.coerce.number().int().min(0).max(100).default(1),
  LOCAL_REPOSITORIES: z.string().optional(),
});

/** Settings of the sandboxes of a manager. */
export interface SandboxSettings {
  kind: z.infer<typeof SandboxEnvironment>['SANDBOX'];
  dataDir: string;
  /** Runs in sandboxes at once. */
  maxTasks: number;
  /** Repositories may be folders of this host; the server says which. */
  localRepositories: boolean;
  docker: { socketPath: string; image: string; network: string; ports: { min: number; max: number } };
  lifetimes: SandboxLifetimes;
}

/** The settings that the variables mean. */
export function sandboxSettings(
  env: z.infer<typeof SandboxEnvironment>,
  { dataDir, archiveEachTurn }: { dataDir: string; archiveEachTurn: boolean },
): SandboxSettings {
  return {
    kind: env.SANDBOX,
    dataDir,
    maxTasks: env.MAX_CONCURRENT_TASKS,
    localRepositories: env.LOCAL_REPOSITORIES !== undefined,
    docker: {
      socketPath: env.DOCKER_HOST.replace(/^unix:\/\//, ''),
      image: env.EXECUTOR_IMAGE,
      network: env.EXECUTOR_NETWORK,
      ports: { min: env.EXECUTOR_PORT_RANGE_MIN, max: env.EXECUTOR_PORT_RANGE_MAX },
    },
    lifetimes: {
      chatMs: env.CHAT_SANDBOX_HOURS * HOUR_MS,
      codeMs: env.CODE_SANDBOX_HOURS * HOUR_MS,
      deletionDelayMs: env.SANDBOX_DELETION_DELAY_MINUTES * 60_000,
      maxIdle: env.MAX_IDLE_SANDBOXES,
      warm: env.WARM_SANDBOXES,
      archiveEachTurn,
    },
  };
}

/** Reads the settings of a manager that runs as a process of its own from the environment, or throws one error that names every variable at fault. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  // An empty variable in a compose file means "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.extend(SandboxEnvironment.shape).safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map(
      (issue) =>
        `  ${issue.path.join('.')}: ${!(String(issue.path[0]) in given) ? 'is required' : issue.message}`,
    );
    throw new Error(`The configuration has faults:\n${faults.join('\n')}`);
  }
  const { data } = parsed;
  return Object.freeze({
    server: { url: data.SERVER_URL, secret: data.INTERNAL_SECRET },
    redisUrl: data.REDIS_URL,
    blobUrl: data.BLOB_URL,
    simulatorUrl: data.SIMULATOR_URL,
    managerId: data.MANAGER_ID ?? `${hostname()}-${randomUUID().slice(0, 8)}`,
    concurrency: data.HOST_CONCURRENCY,
    drainMs: data.DRAIN_SECONDS * 1000,
    url: data.MANAGER_URL,
    sandboxes: sandboxSettings(data, { dataDir: path.resolve(data.DATA_DIR), archiveEachTurn: true }),
    listen: { host: data.HOST, port: data.PORT },
    logLevel: data.LOG_LEVEL,
  });
}
