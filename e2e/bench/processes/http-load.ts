import { Agent, request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { serveParent } from '../child.ts';

/** Requests at a steady rate, whatever the answers do. */
export interface HttpLoad {
  url: string;
  method: 'GET' | 'POST';
  headers: Record<string, string>;
  /** `{n}` in it is replaced by the number of the request. */
  body?: string;
  perSecond: number;
  seconds: number;
  /** Number of the first request. */
  from: number;
}

/** Milliseconds from the moment at which each request was due to the last byte of its answer. */
export interface HttpLoadResult {
  samples: number[];
  /** Answers by status code, and failures. */
  outcomes: Record<string, number>;
}

const agent = new Agent({ keepAlive: true, maxSockets: 256 });

/**
 * An open loop: a request is sent when it is due and timed from then, so a server that stalls for a second owes for
 * each request of that second (no coordinated omission). What this process itself is late counts as well; the limit
 * pays the same.
 */
async function run(load: HttpLoad): Promise<HttpLoadResult> {
  const total = Math.round(load.perSecond * load.seconds);
  const samples: number[] = [];
  const outcomes: Record<string, number> = {};
  const pending: Promise<void>[] = [];
  const started = performance.now();
  for (let sent = 0; sent < total; ) {
    const due = started + (sent * 1000) / load.perSecond;
    if (performance.now() < due) {
      await delay(1);
      continue;
    }
    const number = load.from + sent;
    sent += 1;
    pending.push(
      ask(load, number)
        .then((status) => String(status))
        .catch((error: Error) => error.message)
        .then((outcome) => {
          samples.push(performance.now() - due);
          outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
        }),
    );
  }
  await Promise.all(pending);
  return { samples, outcomes };
}

function ask({ url, method, headers, body }: HttpLoad, number: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const sent = request(url, { method, headers, agent }, (response) => {
      response.on('error', reject);
      response.on('end', () => resolve(response.statusCode ?? 0));
      response.resume();
    });
    sent.on('error', reject);
    sent.end(body?.replaceAll('{n}', String(number)));
  });
}

const handlers = { run };
/** What this process is asked for. */
export type HttpLoadHandlers = typeof handlers;
serveParent(handlers);
