import { spawn } from 'node:child_process';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { stringify } from 'yaml';
import { e2eConfig } from './config.ts';

const TIMEOUT_MS = 60_000;

/** What a command printed, both streams, and how it ended. */
export interface KubectlResult {
  output: string;
  code: number | null;
}

/** kubectl for one person, with a cache of its own. */
export interface Kubectl {
  (args: readonly string[], options?: KubectlOptions): Promise<KubectlResult>;
  readonly kubeconfig: string;
}

/** How a command is run. */
export interface KubectlOptions {
  input?: string | undefined;
  env?: Record<string, string> | undefined;
  /** Ends the command, as Ctrl+C does, when its output shows this. */
  until?: RegExp | undefined;
  /** Leaves what it prints alone for so long. */
  readAfterMs?: number | undefined;
}

/** Writes a kubeconfig below `folder`, and answers the kubectl that uses it. */
export async function createKubectl({
  folder,
  server,
  authority,
  token,
  namespace,
}: {
  folder: string;
  server: string;
  /** In base64; without one the server has to be trusted anyway. */
  authority?: string | undefined;
  token: string;
  namespace: string;
}): Promise<Kubectl> {
  await mkdir(folder, { recursive: true });
  const kubeconfig = path.join(folder, 'kubeconfig');
  const cluster = { server, ...(authority ? { 'certificate-authority-data': authority } : {}) };
  await writeFile(
    kubeconfig,
    stringify({
      apiVersion: 'v1',
      kind: 'Config',
      clusters: [{ name: 'test', cluster }],
      users: [{ name: 'me', user: { token } }],
      contexts: [{ name: 'test', context: { cluster: 'test', user: 'me', namespace } }],
      'current-context': 'test',
    }),
    { mode: 0o600 },
  );
  const run = (args: readonly string[], options: KubectlOptions = {}) =>
    runKubectl(
      ['--kubeconfig', kubeconfig, '--cache-dir', path.join(folder, 'cache'), ...args],
      options,
      folder,
    );
  return Object.assign(run, { kubeconfig });
}

function runKubectl(
  args: readonly string[],
  { input, env = {}, until, readAfterMs }: KubectlOptions,
  cwd: string,
): Promise<KubectlResult> {
  return new Promise((resolve, reject) => {
    const child = spawn('kubectl', args, {
      cwd,
      env: { ...e2eConfig.childEnvironment, ...env },
      stdio: ['pipe', 'pipe', 'pipe'],
    });
    let output = '';
    const timer = setTimeout(() => {
      child.kill('SIGKILL');
      reject(new Error(`kubectl ${args.join(' ')} took too long:\n${output}`));
    }, TIMEOUT_MS);
    const read = (chunk: string) => {
      output += chunk;
      if (until?.test(output)) child.kill('SIGINT');
    };
    child.stdout.setEncoding('utf8').on('data', read);
    if (readAfterMs !== undefined) {
      child.stdout.pause();
      setTimeout(() => child.stdout.resume(), readAfterMs);
    }
    child.stderr.setEncoding('utf8').on('data', read);
    child.once('error', reject);
    child.once('close', (code) => {
      clearTimeout(timer);
      resolve({ output, code });
    });
    // A command that does not read its input is no failure.
    child.stdin.on('error', () => {});
    child.stdin.end(input ?? '');
  });
}
