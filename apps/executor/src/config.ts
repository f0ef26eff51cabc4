import { readFileSync, unlinkSync } from 'node:fs';
import path from 'node:path';

/** Where the executor listens. */
export type ListenAddress = { socketPath: string } | { host: string; port: number };

/** Settings of an executor. */
export type ExecutorConfig = ReturnType<typeof readConfig>;

/**
 * Reads the settings from the environment, or throws one error that names every variable at fault. By hand: a schema
 * library would cost the start more than the whole rest of it.
 */
export function readConfig(environment: NodeJS.ProcessEnv = process.env) {
  const faults: string[] = [];
  const folder = (name: string): string => {
    const value = environment[name] ?? '';
    if (!path.isAbsolute(value))
      faults.push(`${name}: must be an absolute path${value ? `, not ${value}` : ''}`);
    return value;
  };
  const seconds = Number(environment.WEGENT_ORPHAN_SECONDS ?? '600');
  if (!(seconds > 0)) faults.push('WEGENT_ORPHAN_SECONDS: must be a number of seconds above 0');
  const config = {
    listen: listenAddress(environment, faults),
    runFolder: folder('WEGENT_RUN_DIR'),
    workspaceFolder: folder('WEGENT_WORKSPACE'),
    homeFolder: folder('WEGENT_HOME'),
    enginesFolder: folder('WEGENT_ENGINES'),
    orphanMs: seconds * 1000,
    path: environment.PATH ?? '/usr/local/bin:/usr/bin:/bin',
  };
  if (faults.length > 0) throw new Error(`The configuration has faults:\n  ${faults.join('\n  ')}`);
  return Object.freeze(config);
}

/** The secret of the sandbox. It is read once and removed, so that nothing that runs later finds it. */
export function takeToken(runFolder: string): string {
  const file = path.join(runFolder, 'token');
  const token = readFileSync(file, 'utf8').trim();
  unlinkSync(file);
  if (token.length < 16) throw new Error(`${file} must hold a token of at least 16 characters`);
  return token;
}

/** Version of git's protocol that git asks for when it starts the executor in place of ssh. */
export function gitProtocol(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  return environment.GIT_PROTOCOL || undefined;
}

function listenAddress(environment: NodeJS.ProcessEnv, faults: string[]): ListenAddress {
  const socketPath = environment.WEGENT_EXECUTOR_SOCKET;
  if (socketPath) return { socketPath };
  const port = Number(environment.WEGENT_EXECUTOR_PORT);
  if (!Number.isInteger(port) || port < 1 || port > 65_535) {
    faults.push('WEGENT_EXECUTOR_SOCKET or WEGENT_EXECUTOR_PORT: one of them must say where to listen');
  }
  return { host: environment.WEGENT_EXECUTOR_HOST ?? '127.0.0.1', port };
}
