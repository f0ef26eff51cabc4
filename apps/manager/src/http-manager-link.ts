import { setTimeout as delay } from 'node:timers/promises';
import {
  ApiError,
  Claim,
  Delegated,
  DelegatedResult,
  EventAck,
  Heartbeat,
  type ManagerLink,
  ManagerOrders,
  Status,
} from '@wegent/api';
import type { z } from 'zod';

export interface HttpManagerLinkOptions {
  /** Origin of the server, such as http://server:3000. */
  baseUrl: string;
  /** Shared secret of server and managers. */
  secret: string;
  /** Milliseconds that one request may take; 30,000 by default. */
  timeoutMs?: number;
  /** Pauses before a request is repeated, as many as there are repetitions. */
  retryDelaysMs?: readonly number[];
}

const TIMEOUT_MS = 30_000;
const RETRY_DELAYS_MS = [100, 400, 1_500];

/**
 * The server over HTTP. A network failure or a 5xx is repeated a few times and then `ServiceUnavailable`; every
 * request here may be repeated: a claim that was granted unheard is refused the second time and runs out.
 */
export function createHttpManagerLink(options: HttpManagerLinkOptions): ManagerLink {
  const post = async <Schema extends z.ZodType>(
    path: string,
    body: unknown,
    schema: Schema,
  ): Promise<z.infer<Schema>> => {
    const url = new URL(`/internal/v1/${path}`, options.baseUrl);
    const payload = JSON.stringify(body);
    for (const pause of options.retryDelaysMs ?? RETRY_DELAYS_MS) {
      try {
        return schema.parse(await request(url, payload, options));
      } catch (cause) {
        if (!(cause instanceof ApiError) || cause.code < 500) throw cause;
        await delay(pause);
      }
    }
    return schema.parse(await request(url, payload, options));
  };
  const path = (executionId: string, action: string) =>
    `executions/${encodeURIComponent(executionId)}/${action}`;
  return {
    claim: (executionId, body) => post(path(executionId, 'claim'), body, Claim),
    heartbeat: (executionId, body) => post(path(executionId, 'heartbeat'), body, Heartbeat),
    events: (executionId, body) => post(path(executionId, 'events'), body, EventAck),
    delegate: (executionId, body) => post(path(executionId, 'delegate'), body, Delegated),
    delegated: (executionId, body) => post(path(executionId, 'delegated'), body, DelegatedResult),
    report: (managerId, body) => post(`managers/${encodeURIComponent(managerId)}`, body, ManagerOrders),
  };
}

async function request(
  url: URL,
  body: string,
  { secret, timeoutMs = TIMEOUT_MS }: HttpManagerLinkOptions,
): Promise<unknown> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(url, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${secret}` },
      body,
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    text = await response.text();
  } catch (cause) {
    throw new ApiError('ServiceUnavailable', `the server at ${url.origin} cannot be reached`, { cause });
  }
  const answer = parse(text);
  if (response.ok && answer !== undefined) return answer;
  const status = Status.safeParse(answer);
  if (status.success) throw ApiError.fromStatus(status.data);
  throw new ApiError(
    'ServiceUnavailable',
    `the server at ${url.origin} answered ${response.status} with something else than JSON`,
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
