import { readFileSync } from 'node:fs';
import path from 'node:path';
import { z } from 'zod';

const Flag = z
  .enum(['true', 'false', '1', '0'])
  .default('false')
  .transform((value) => value === 'true' || value === '1');

const List = z
  .string()
  .default('')
  .transform((text) =>
    text
      .split(',')
      .map((part) => part.trim())
      .filter((part) => part !== ''),
  );

const SecretKeys = z.string().transform((text, context) => {
  const keys = text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '')
    .map((part) => {
      const colon = part.indexOf(':');
      return {
        id: part.slice(0, colon),
        key: Buffer.from(part.slice(colon + 1), 'base64'),
        valid: colon > 0,
      };
    });
  for (const { id, key, valid } of keys) {
    if (!valid || !/^[A-Za-z0-9_-]{1,32}$/.test(id))
      context.addIssue({
        code: 'custom',
        message: 'each entry is id:base64, the id of letters, digits, "-" and "_"',
      });
    else if (key.length !== 32)
      context.addIssue({ code: 'custom', message: `key "${id}" has ${key.length} bytes, 32 are needed` });
  }
  if (keys.length === 0) context.addIssue({ code: 'custom', message: 'at least one key is needed' });
  return keys.map(({ id, key }) => ({ id, key: new Uint8Array(key) }));
});

const DEFAULT_HTTPS_PORT = 3443;

const Environment = z.object({
  DATABASE_URL: z
    .string()
    .regex(/^(sqlite:|mysql:\/\/)/, 'must begin with sqlite: or mysql://')
    .optional(),
  DATABASE_POOL_SIZE: z.coerce.number().int().min(1).max(1000).default(20),
  REDIS_URL: z
    .string()
    .regex(/^rediss?:\/\//, 'must begin with redis:// or rediss://')
    .optional(),
  BLOB_URL: z.string().optional(),
  DATA_DIR: z.string().min(1).default('./data'),
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(3000),
  HTTPS_PORT: z
    .union([z.literal('off'), z.coerce.number().int().min(0).max(65_535)], 'must be a port, 0 or off')
    .optional(),
  PUBLIC_URL: z.url({ protocol: /^https?$/ }).optional(),
  TRUST_PROXY: Flag,
  JWT_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  INTERNAL_SECRET: z.string().min(32, 'must have at least 32 characters').optional(),
  SECRET_KEYS: SecretKeys.optional(),
  WEGENT_ADMIN_USERNAME: z.string().min(1).max(50).default('admin'),
  WEGENT_ADMIN_PASSWORD: z.string().min(8, 'must have at least 8 characters').optional(),
  OUTBOUND_ALLOW: List,
  LOCAL_REPOSITORIES: List.refine(
    (folders) => folders.every((folder) => path.isAbsolute(folder)),
    'must be absolute paths of folders, comma-separated',
  ),
  MODEL_ENV_ALLOW: List,
  MAX_ATTACHMENT_BYTES: z.coerce
    .number()
    .int()
    .min(1)
    .default(20 * 1024 * 1024),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
});

/** Settings of the server, read once at start. */
export type ServerConfig = ReturnType<typeof readConfig>;

/** The secrets that standalone makes when they are absent, and other processes require. */
export interface GeneratedSecrets {
  jwtSecret: string;
  internalSecret: string;
  secretKeys: string;
}

/**
 * Reads the environment. All faults are reported together, each with the variable's name.
 * `generated` supplies what standalone keeps in its data folder; without it the secrets are required.
 * `others` are faults of settings that the surrounding process has read itself.
 */
export function readConfig(
  environment: Record<string, string | undefined>,
  { generated, others = [] }: { generated?: GeneratedSecrets; others?: readonly string[] } = {},
) {
  const filled = {
    ...(generated
      ? {
          JWT_SECRET: generated.jwtSecret,
          INTERNAL_SECRET: generated.internalSecret,
          SECRET_KEYS: generated.secretKeys,
        }
      : {}),
    ...withoutEmpty(environment),
  };
  const parsed = Environment.safeParse(filled);
  const faults = [...(parsed.success ? [] : configFaults(parsed.error)), ...others];
  for (const name of ['JWT_SECRET', 'INTERNAL_SECRET', 'SECRET_KEYS']) {
    if (!(name in filled)) faults.push(`${name}: is required`);
  }
  if (!parsed.success || faults.length > 0) {
    throw new Error(`The configuration has faults:\n${faults.map((fault) => `  ${fault}`).join('\n')}`);
  }
  const env = parsed.data;
  const dataDir = path.resolve(env.DATA_DIR);
  return Object.freeze({
    databaseUrl: env.DATABASE_URL ?? `sqlite:${path.join(dataDir, 'wegent.db')}`,
    databasePoolSize: env.DATABASE_POOL_SIZE,
    redisUrl: env.REDIS_URL,
    blobUrl: env.BLOB_URL ?? `file:${path.join(dataDir, 'blobs')}`,
    dataDir,
    host: env.HOST,
    port: env.PORT,
    https: httpsOf(env),
    publicUrl: env.PUBLIC_URL?.replace(/\/$/, ''),
    trustProxy: env.TRUST_PROXY,
    jwtSecret: new TextEncoder().encode(env.JWT_SECRET ?? ''),
    internalSecret: env.INTERNAL_SECRET ?? '',
    secretKeys: env.SECRET_KEYS ?? [],
    adminUsername: env.WEGENT_ADMIN_USERNAME,
    adminPassword: env.WEGENT_ADMIN_PASSWORD,
    outboundAllow: env.OUTBOUND_ALLOW,
    localRepositories: env.LOCAL_REPOSITORIES,
    modelEnvironment: Object.fromEntries(env.MODEL_ENV_ALLOW.map((name) => [name, environment[name]])),
    maxAttachmentBytes: env.MAX_ATTACHMENT_BYTES,
    logLevel: env.LOG_LEVEL,
    version: packageVersion(),
  });
}

// Asked for, a port that is taken is a fault; by default the server does without, as a second one on a machine has to.
function httpsOf({ HTTPS_PORT: port, PORT }: z.infer<typeof Environment>) {
  if (port === 'off' || port === 0) return undefined;
  if (port !== undefined) return { port, required: true };
  return PORT === 0 ? undefined : { port: DEFAULT_HTTPS_PORT, required: false };
}

/** The faults of an environment, each with the name of its variable. */
export function configFaults(error: z.ZodError): string[] {
  return error.issues.map((issue) => `${String(issue.path[0])}: ${issue.message}`);
}

// A variable that is set to nothing means that it is not set; compose files write it so.
function withoutEmpty(environment: Record<string, string | undefined>): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''),
  );
}

function packageVersion(): string {
  try {
    const text = readFileSync(new URL('../package.json', import.meta.url), 'utf8');
    return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
  } catch {
    // A bundle that was moved away from its package has no version to tell.
    return 'unknown';
  }
}
