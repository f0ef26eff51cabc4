import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';

const AGAIN_MS = 15;
const ANSWER_MS = 1000;

/** Waits until an HTTP server answers there, whatever it says. Rejects when the signal aborts. */
export async function reachExecutor(
  { host, port }: { host: string; port: number },
  signal: AbortSignal,
): Promise<void> {
  while (!(await answers({ host, port }, signal))) await delay(AGAIN_MS, undefined, { signal });
  signal.throwIfAborted();
}

function answers({ host, port }: { host: string; port: number }, signal: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    const asked = request(
      { host, port, path: '/healthz', agent: false, timeout: ANSWER_MS, signal },
      (answer) => {
        answer.resume();
        answer.on('error', () => {});
        resolve(true);
      },
    );
    asked.on('timeout', () => asked.destroy());
    asked.on('error', () => resolve(false));
    asked.end();
  });
}
