import type { IncomingMessage, ServerResponse } from 'node:http';
import { MAX_HELD_BYTES } from './gateway-timings.ts';
import type { Pass } from './pass.ts';

/** One request of a sandbox that was let through. */
export interface Exchange {
  pass: Pass;
  request: IncomingMessage;
  response: ServerResponse;
  /** What follows the area of the gateway: `/v1/messages` of `/model/v1/messages`. */
  path: string;
  query: URLSearchParams;
  /** Aborted when the sandbox has gone away or the pass is revoked. */
  signal: AbortSignal;
}

/** Completes an exchange. */
export function exchangeOf(given: Omit<Exchange, 'signal'>): Exchange {
  const gone = new AbortController();
  given.response.once('close', () => gone.abort());
  return { ...given, signal: gone.signal };
}

/** The body is too long, or did not come in time. */
export class BodyProblem extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'BodyProblem';
    this.status = status;
  }
}

/** Reads the whole body. It counts as held by the pass until the exchange is over. */
export async function readBody(
  { pass, request, response }: Pick<Exchange, 'pass' | 'request' | 'response'>,
  { maxBytes, withinMs }: { maxBytes: number; withinMs: number },
): Promise<Buffer> {
  const tooLong = () => new BodyProblem(413, `The body has more than ${maxBytes} bytes.`);
  if (Number(request.headers['content-length'] ?? 0) > maxBytes) throw tooLong();
  const chunks: Buffer[] = [];
  let held = 0;
  response.once('close', () => {
    pass.heldBytes -= held;
  });
  return new Promise<Buffer>((resolve, reject) => {
    const fail = (problem: Error) => {
      clearTimeout(timer);
      request.off('data', onData);
      request.pause();
      reject(problem);
    };
    const timer = setTimeout(() => {
      fail(new BodyProblem(408, `The body did not come within ${withinMs / 1000} s.`));
    }, withinMs);
    const onData = (chunk: Buffer) => {
      held += chunk.length;
      pass.heldBytes += chunk.length;
      if (held > maxBytes) return fail(tooLong());
      if (pass.heldBytes > MAX_HELD_BYTES)
        return fail(new BodyProblem(503, 'Too many large requests of this run are under way.'));
      chunks.push(chunk);
    };
    request.on('data', onData);
    request.once('end', () => {
      clearTimeout(timer);
      resolve(Buffer.concat(chunks));
    });
    request.once('close', () => fail(new BodyProblem(400, 'The body ended too early.')));
  });
}
