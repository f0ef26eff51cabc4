import { request } from 'node:http';
import { join } from 'node:path';
import type { Sandbox } from '../src/index.ts';

/** The executor of tests; see the file. */
export const STAND_IN = join(import.meta.dirname, 'stand-in-executor.mjs');

/** Secret of all sandboxes of tests. */
export const TOKEN = 'token-of-the-tests';

/** What a command in a sandbox did. `code` is the name of a signal where one ended it. */
export interface Ran {
  code: number | string;
  stdout: string;
  stderr: string;
}

/** Runs a shell command in a sandbox, as its agent. Rejects when the sandbox ends meanwhile. */
export async function runIn(sandbox: Sandbox, command: string): Promise<Ran> {
  return JSON.parse(await post(sandbox, '/run', command));
}

/** Lets the stand-in use up the memory of its sandbox; does not wait for the end. */
export function exhaustMemory(sandbox: Sandbox): void {
  void post(sandbox, '/exhaust', '').catch(() => {});
}

/** Which files the executor holds open, each as number and place. */
export async function openFilesOf(sandbox: Sandbox): Promise<string[]> {
  return JSON.parse(await post(sandbox, '/files', ''));
}

function post({ address }: Sandbox, path: string, body: string): Promise<string> {
  const where =
    address.type === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };
  const headers = { authorization: `Bearer ${TOKEN}` };
  return new Promise((resolve, reject) => {
    const asked = request({ ...where, path, method: 'POST', headers, agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8');
      answer.on('data', (chunk: string) => {
        text += chunk;
      });
      answer.on('error', reject);
      answer.on('end', () => {
        if (answer.statusCode === 200) resolve(text);
        else reject(new Error(`the stand-in answered ${answer.statusCode}`));
      });
    });
    asked.on('error', reject);
    asked.end(body);
  });
}
