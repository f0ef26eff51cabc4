import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { SandboxEnvironment, sandboxSettings } from '@wegent/manager';
import { configFaults, type GeneratedSecrets, readConfig } from '@wegent/server';
import { z } from 'zod';

/** A variable that is set to nothing means that it is not set. */
const orDefault = (value: unknown) => (value === '' ? undefined : value);

const Own = z.object({
  HOST_CONCURRENCY: z.preprocess(orDefault, z.coerce.number().int().min(1).max(10_000).default(256)),
  /** Words a second of the demo model; 0 is as fast as it can. */
  SIMULATOR_PACE: z.preprocess(orDefault, z.coerce.number().min(0).default(60)),
});

const Secrets = z.object({ jwtSecret: z.string(), internalSecret: z.string(), secretKeys: z.string() });

/** Settings of the one process. Secrets that the environment does not give are made once and kept in the data folder. */
export function readStandaloneConfig() {
  // People who start it by hand want to see the link, not the log.
  const environment: Record<string, string | undefined> = {
    ...process.env,
    LOG_LEVEL: process.env.LOG_LEVEL || 'warn',
  };
  const dataDir = path.resolve(environment.DATA_DIR || './data');
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const own = Own.safeParse(environment);
  const sandboxes = SandboxEnvironment.safeParse(withoutEmpty(environment));
  const server = readConfig(environment, {
    generated: readOrMakeSecrets(path.join(dataDir, 'secrets.json')),
    others: [own, sandboxes].flatMap((parsed) => (parsed.success ? [] : configFaults(parsed.error))),
  });
  const { HOST_CONCURRENCY, SIMULATOR_PACE } = Own.parse(environment);
  return {
    server,
    concurrency: HOST_CONCURRENCY,
    simulatorPace: SIMULATOR_PACE,
    sandboxes: sandboxSettings(SandboxEnvironment.parse(withoutEmpty(environment)), {
      dataDir,
      // The folders stay with this process, and an archive is made when a sandbox goes.
      archiveEachTurn: false,
    }),
  };
}

function withoutEmpty(environment: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(environment).flatMap(([name, value]) => (value ? [[name, value]] : [])),
  );
}

function readOrMakeSecrets(file: string): GeneratedSecrets {
  if (existsSync(file)) {
    chmodSync(file, 0o600);
    return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')));
  }
  const secrets: GeneratedSecrets = {
    jwtSecret: randomBytes(48).toString('base64url'),
    internalSecret: randomBytes(48).toString('base64url'),
    secretKeys: `k1:${randomBytes(32).toString('base64')}`,
  };
  // `wx` fails when another process was first; then its secrets are the ones.
  try {
    writeFileSync(file, `${JSON.stringify(secrets, null, 2)}\n`, { mode: 0o600, flag: 'wx' });
    return secrets;
  } catch {
    return Secrets.parse(JSON.parse(readFileSync(file, 'utf8')));
  }
}
