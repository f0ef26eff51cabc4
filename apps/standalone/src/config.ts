import { randomBytes } from 'node:crypto';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { type GeneratedSecrets, readConfig } from '@wegent/server';
import { z } from 'zod';

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
  const server = readConfig(environment, readOrMakeSecrets(path.join(dataDir, 'secrets.json')));
  return {
    server,
    concurrency: z.coerce
      .number()
      .int()
      .min(1)
      .max(10_000)
      .default(256)
      .parse(environment.HOST_CONCURRENCY || undefined),
    /** Words a second of the demo model; 0 is as fast as it can. */
    simulatorPace: z.coerce
      .number()
      .min(0)
      .default(60)
      .parse(environment.SIMULATOR_PACE || undefined),
  };
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
