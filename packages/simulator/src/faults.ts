import type { IncomingHttpHeaders } from 'node:http';
import type { Conversation } from './conversation.ts';
import { readMarkers } from './markers.ts';

/**
 * A way to fail. `status` answers with that HTTP status in the provider's shape; the faults with
 * `words` strike after so many words of the answer.
 */
export type Fault =
  | { kind: 'status'; status: number; retryAfter?: number | undefined }
  | { kind: 'context' }
  | { kind: 'hang-before' }
  | { kind: 'hang'; words?: number | undefined }
  | { kind: 'cut'; words: number }
  | { kind: 'malformed'; words: number }
  | { kind: 'sse-error'; words: number }
  | { kind: 'slow'; ms: number };

/** What a fault hook gets to see of a request. */
export interface FaultRequest {
  protocol: 'anthropic' | 'openai-chat' | 'openai-responses';
  headers: IncomingHttpHeaders;
  conversation: Conversation;
  prompt: string;
}

/** What is wrong with a request, in no protocol's words; each protocol has its own for a missing message. */
export interface Problem {
  kind:
    | 'invalid-request'
    | 'authentication'
    | 'permission'
    | 'not-found'
    | 'too-large'
    | 'rate-limit'
    | 'overloaded'
    | 'server'
    | 'context';
  status: number;
  message?: string | undefined;
  param?: string | undefined;
  /** Seconds, for the header of that name. */
  retryAfter?: number | undefined;
}

/** Thrown while a request is read; becomes an error answer of its protocol. */
export class RequestProblem extends Error {
  readonly problem: Problem;

  constructor(problem: Problem) {
    super(problem.message ?? problem.kind);
    this.problem = problem;
  }
}

/**
 * The fault that a prompt asks for, e.g. `[[fault 529]]`, `[[fault cut 20]]`. Two conditions make one
 * that passes without any memory here: `turn=N` fails only in the N-th turn of a tool loop, `until=N`
 * only while the attempt, told by the client in a header, is below N.
 */
export function faultOf(options: {
  prompt: string;
  round: number;
  headers: IncomingHttpHeaders;
}): Fault | undefined {
  for (const marker of readMarkers(options.prompt).markers) {
    if (marker.name !== 'fault') continue;
    const words = marker.argument.split(/\s+/);
    const settings = new Map(words.filter((word) => word.includes('=')).map((word) => split(word)));
    const turn = settings.get('turn');
    const until = settings.get('until');
    if (turn !== undefined && turn !== options.round + 1) continue;
    if (until !== undefined && attemptOf(options.headers) >= until) continue;
    const [name = '', amount] = words.filter((word) => !word.includes('='));
    const fault = named(name, amount === undefined ? undefined : Number(amount), settings.get('retry-after'));
    if (fault !== undefined) return fault;
  }
  return undefined;
}

/** The problem that an error status stands for. */
export function problemOf(status: number, retryAfter?: number): Problem {
  return { kind: kindOf(status), status, retryAfter: retryAfter ?? (status === 429 ? 1 : undefined) };
}

function named(name: string, amount: number | undefined, retryAfter: number | undefined): Fault | undefined {
  const words = amount === undefined || Number.isNaN(amount) ? 0 : amount;
  switch (name) {
    case 'context':
    case 'hang-before':
      return { kind: name };
    case 'hang':
      return { kind: 'hang', words: amount };
    case 'cut':
    case 'malformed':
    case 'sse-error':
      return { kind: name, words };
    case 'slow':
      return { kind: 'slow', ms: words };
    default:
      return /^[45]\d\d$/.test(name) ? { kind: 'status', status: Number(name), retryAfter } : undefined;
  }
}

function kindOf(status: number): Problem['kind'] {
  switch (status) {
    case 401:
      return 'authentication';
    case 403:
      return 'permission';
    case 404:
      return 'not-found';
    case 413:
      return 'too-large';
    case 429:
      return 'rate-limit';
    case 503:
    case 529:
      return 'overloaded';
    default:
      return status < 500 ? 'invalid-request' : 'server';
  }
}

/** The official SDKs count their retries in a header, from 0; others may send `x-attempt`, from 1. */
function attemptOf(headers: IncomingHttpHeaders): number {
  const retries = Number(headers['x-stainless-retry-count'] ?? 0);
  return Number(headers['x-attempt'] ?? retries + 1);
}

function split(word: string): [string, number] {
  const [key = '', value = ''] = word.split('=');
  return [key, Number(value)];
}
