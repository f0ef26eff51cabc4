import type { IncomingMessage } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { GatewayTimings } from './gateway-timings.ts';
import { openUpstream, type UpstreamRequest, UpstreamTimeout } from './upstream.ts';

const PASSING = new Set([408, 429, 500, 502, 503, 529]);
const BROKEN = new Set(['ECONNREFUSED', 'ECONNRESET', 'EPIPE', 'EAI_AGAIN', 'ETIMEDOUT', 'EHOSTUNREACH']);

/**
 * Sends a request whose body is at hand, and again after failures that may pass: connections that fail, and statuses
 * that say so, as long as the provider does not ask for more patience than is allowed. Resolves with the last answer,
 * whatever it is.
 */
export async function retryUpstream(
  given: UpstreamRequest & Pick<GatewayTimings, 'retryDelaysMs' | 'maxRetryWaitMs'>,
): Promise<IncomingMessage> {
  for (let failures = 0; ; failures++) {
    const pause = given.retryDelaysMs[failures];
    let wait = jitter(pause ?? 0);
    try {
      const answer = await openUpstream(given);
      const asked = waitOf(answer);
      if (
        !PASSING.has(answer.statusCode ?? 0) ||
        pause === undefined ||
        answer.headers['x-should-retry'] === 'false'
      )
        return answer;
      if (asked !== undefined && asked > given.maxRetryWaitMs) return answer;
      wait = Math.max(asked ?? 0, asked === undefined ? wait : 0);
      // Nobody reads it; the connection is of no more use than that.
      answer.destroy();
    } catch (cause) {
      if (pause === undefined || given.signal.aborted || !mayPass(cause)) throw cause;
    }
    await delay(wait, undefined, { signal: given.signal });
  }
}

/** What the provider asks for, in milliseconds. */
function waitOf({ headers }: IncomingMessage): number | undefined {
  const exact = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (Number.isFinite(exact) && exact >= 0) return exact;
  const asked = headers['retry-after'];
  if (asked === undefined) return undefined;
  const seconds = Number(asked);
  if (Number.isFinite(seconds)) return Math.max(0, seconds * 1000);
  const at = Date.parse(asked);
  return Number.isNaN(at) ? undefined : Math.max(0, at - Date.now());
}

function mayPass(cause: unknown): boolean {
  if (cause instanceof UpstreamTimeout) return cause.phase === 'connect';
  return cause instanceof Error && 'code' in cause && BROKEN.has(String(cause.code));
}

function jitter(ms: number): number {
  return ms * (0.75 + Math.random() * 0.5);
}
