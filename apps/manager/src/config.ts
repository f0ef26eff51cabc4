import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { z } from 'zod';

const Environment = z.object({
  SERVER_URL: z.url({ protocol: /^https?$/ }),
  INTERNAL_SECRET: z.string().min(16, 'must have at least 16 characters'),
  REDIS_URL: z.url({ protocol: /^rediss?$/ }),
  BLOB_URL: z.string().regex(/^[a-z0-9]+:/, 'must be a URL such as file:/var/lib/wegent/blobs'),
  SIMULATOR_URL: z.url({ protocol: /^https?$/ }).optional(),
  MANAGER_ID: z.string().min(1).max(200).optional(),
  HOST_CONCURRENCY: z.coerce.number().int().min(1).max(10_000).default(256),
  DRAIN_SECONDS: z.coerce.number().min(0).max(3600).default(20),
  HOST: z.string().default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3001),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Reads the settings of a manager that runs as a process of its own from the environment, or throws one error that names every variable at fault. */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  // An empty variable in a compose file means "not set".
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
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
    listen: { host: data.HOST, port: data.PORT },
    logLevel: data.LOG_LEVEL,
  });
}
