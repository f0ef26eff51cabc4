import { createHash } from 'node:crypto';
import type { Conversation } from './conversation.ts';
import { type FaultRequest, type Problem, RequestProblem } from './faults.ts';
import type { Json } from './json.ts';
import type { Turn, Usage } from './tokens.ts';

/** One server-sent event. A `word` is due at the answer's pace; all else goes out at once. */
export interface Frame {
  event?: string;
  data: Json | '[DONE]';
  word?: true;
}

/** All that a protocol needs to render an answer. */
export interface Reply {
  conversation: Conversation;
  turn: Turn;
  usage: Usage;
  /** The parsed body, for fields that an answer repeats. */
  request: Json;
  /** Seconds since 1970. */
  created: number;
  /** An id such as `msg_1f…`: the same request gets the same ids. */
  id: (prefix: string, index?: number) => string;
}

/** One of the three protocols: reads a request into a Conversation, renders a Turn. All pure. */
export interface Protocol {
  name: FaultRequest['protocol'];
  /** Throws a `RequestProblem` where the provider would answer 400. */
  parse: (body: Json) => Conversation;
  /** The stream of an answer. */
  frames: (reply: Reply) => Iterable<Frame>;
  /** The answer to a request without streaming. */
  message: (reply: Reply) => Json;
  /** The error answer to a problem, with the status the provider would use. */
  error: (problem: Problem) => { status: number; body: Json };
  /** The error event for a problem in the midst of a stream, after `position` frames. */
  errorFrame: (problem: Problem, position: number) => Frame;
}

/** Makes the ids of one exchange from a seed, its request. */
export function createIds(seed: string | Uint8Array): Reply['id'] {
  const base = createHash('sha256').update(seed).digest('hex');
  return (prefix, index = 0) =>
    prefix + createHash('sha256').update(`${base} ${prefix} ${index}`).digest('hex').slice(0, 24);
}

/** Ends the reading of a request that the provider would refuse. */
export function refuse(message: string, param?: string): never {
  throw new RequestProblem({ kind: 'invalid-request', status: 400, message, param });
}

/** The media type and size of a `data:` URL; of any other address nothing is known. */
export function readDataUrl(url: string): { mediaType: string | undefined; bytes: number | undefined } {
  const head = /^data:([^;,]*)/.exec(url.slice(0, 200));
  if (head === null) return { mediaType: undefined, bytes: undefined };
  return { mediaType: head[1], bytes: base64Bytes(url.slice(url.indexOf(',') + 1)) };
}

/** How many bytes a base64 text stands for. */
export function base64Bytes(data: string): number {
  const padding = data.endsWith('==') ? 2 : data.endsWith('=') ? 1 : 0;
  return Math.floor((data.length * 3) / 4) - padding;
}
