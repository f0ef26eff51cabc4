import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { freePort } from '@wegent/testing';

const ENTRY = path.resolve(import.meta.dirname, '../../apps/standalone/dist/main.js');
const START_DEADLINE_MS = 60_000;

/** The product in a process of its own. */
export interface Product extends AsyncDisposable {
  url: string;
  pid: number;
  /** Milliseconds from starting the process to the line that says it is ready. */
  startMs: number;
}

/** Starts the bundled product on a data folder and waits until it is ready. */
export async function startProduct({
  dataDir,
  environment,
}: {
  dataDir: string;
  environment: NodeJS.ProcessEnv;
}): Promise<Product> {
  if (!existsSync(ENTRY)) throw new Error('the product is not built; run `node scripts/build.ts`');
  const port = await freePort();
  const started = performance.now();
  const child = spawn(process.execPath, [ENTRY], {
    env: {
      ...environment,
      DATA_DIR: dataDir,
      PORT: String(port),
      HOST: '127.0.0.1',
      LOG_LEVEL: 'warn',
      DATABASE_URL: '',
      REDIS_URL: '',
    },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ready = Promise.withResolvers<number>();
  const deadline = setTimeout(
    () => ready.reject(new Error(`the product was not ready within ${START_DEADLINE_MS} ms`)),
    START_DEADLINE_MS,
  );
  let output = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text;
    if (output.includes('is ready')) ready.resolve(performance.now() - started);
  });
  child.on('exit', (code) => ready.reject(new Error(`the product ended with code ${code}`)));
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  try {
    const startMs = await ready.promise;
    return { url: `http://127.0.0.1:${port}`, pid: child.pid ?? 0, startMs, [Symbol.asyncDispose]: stop };
  } catch (error) {
    await stop();
    throw error;
  } finally {
    clearTimeout(deadline);
  }
}
