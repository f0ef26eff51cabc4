import { Agent, request as httpRequest, type IncomingMessage } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import {
  ApiError,
  ExecutorEvent,
  ExecutorHealth,
  type ExecutorRequest,
  type ExecutorResponse,
  type ExecutorTurn,
  type ExecutorWorkspace,
  type RunInput,
  Status,
} from '@wegent/api';
import type { SandboxAddress } from '@wegent/sandbox';

/** One executor. Refusals are its own ApiErrors; `ServiceUnavailable` when it cannot be reached. */
export interface ExecutorClient {
  health(): Promise<ExecutorHealth>;
  /** Starts a turn, or takes over one that it has. */
  startTurn(turn: ExecutorTurn): Promise<void>;
  /** Events of a turn after a number, live until the one after `finish` would come, or the connection is lost. */
  events(turnId: string, after: number, signal: AbortSignal): AsyncIterable<ExecutorEvent>;
  interrupt(turnId: string, attempt: number): Promise<void>;
  input(turnId: string, inputs: readonly RunInput[]): Promise<void>;
  prepareWorkspace(workspace: ExecutorWorkspace): Promise<void>;
  /** Any request, with the answer as it is. */
  call(request: ExecutorRequest): Promise<ExecutorResponse>;
  /** Closes kept connections. */
  close(): void;
}

const TIMEOUT_MS = 30_000;

/** Talks to the executor at an address with the token of its sandbox. */
export function createExecutorClient({
  address,
  token,
}: {
  address: SandboxAddress;
  token: string;
}): ExecutorClient {
  const agent = new Agent({ keepAlive: true, maxSockets: 64 });
  const place =
    address.type === 'unix' ? { socketPath: address.path } : { host: address.host, port: address.port };

  function send(
    given: ExecutorRequest,
    { signal, timeoutMs }: { signal?: AbortSignal; timeoutMs?: number } = {},
  ): Promise<IncomingMessage> {
    return new Promise((resolve, reject) => {
      const outgoing = httpRequest({
        ...place,
        agent,
        method: given.method,
        path: given.path,
        headers: {
          authorization: `Bearer ${token}`,
          ...(given.contentType === undefined ? {} : { 'content-type': given.contentType }),
        },
        ...(signal ? { signal } : {}),
        ...(timeoutMs === undefined ? {} : { timeout: timeoutMs }),
      });
      outgoing.once('response', (response) => {
        // A connection may break when nobody reads any more, and whoever reads hears of it anyway.
        response.on('error', () => {});
        resolve(response);
      });
      outgoing.once('timeout', () =>
        outgoing.destroy(new Error(`no answer within ${(timeoutMs ?? 0) / 1000} s`)),
      );
      outgoing.on('error', (cause) =>
        reject(new ApiError('ServiceUnavailable', 'the executor cannot be reached', { cause })),
      );
      const { body } = given;
      if (body === undefined || body instanceof Uint8Array) {
        outgoing.end(body);
        return;
      }
      pipeline(Readable.from(body), outgoing).catch((cause: unknown) => outgoing.destroy(cause as Error));
    });
  }

  async function json(method: ExecutorRequest['method'], path: string, body?: unknown): Promise<unknown> {
    const response = await send(
      {
        method,
        path,
        ...(body === undefined
          ? {}
          : { body: Buffer.from(JSON.stringify(body)), contentType: 'application/json' }),
      },
      { timeoutMs: TIMEOUT_MS },
    );
    const text = await readText(response);
    if (isOk(response)) return text === '' ? undefined : JSON.parse(text);
    throw asError(response.statusCode, text);
  }

  const turnPath = (turnId: string) => `/v1/turns/${encodeURIComponent(turnId)}`;
  return {
    health: async () => ExecutorHealth.parse(await json('GET', '/healthz')),
    startTurn: async (turn) => void (await json('POST', '/v1/turns', turn)),
    interrupt: async (turnId, attempt) =>
      void (await json('POST', `${turnPath(turnId)}/interrupt`, { attempt })),
    input: async (turnId, inputs) => void (await json('POST', `${turnPath(turnId)}/input`, inputs)),
    prepareWorkspace: async (workspace) => {
      // A clone takes its time, and says by itself when it hangs.
      const response = await send({
        method: 'PUT',
        path: '/v1/workspace',
        body: Buffer.from(JSON.stringify(workspace)),
        contentType: 'application/json',
      });
      const text = await readText(response);
      if (!isOk(response)) throw asError(response.statusCode, text);
    },

    async *events(turnId, after, signal) {
      const response = await send(
        { method: 'GET', path: `${turnPath(turnId)}/events?after=${after}` },
        { signal },
      );
      if (!isOk(response)) throw asError(response.statusCode, await readText(response));
      for await (const line of linesOf(response)) yield ExecutorEvent.parse(JSON.parse(line));
    },

    async call(request) {
      const response = await send(request);
      return {
        status: response.statusCode ?? 502,
        contentType: response.headers['content-type'],
        body: response,
      };
    },

    close: () => agent.destroy(),
  };
}

function isOk(response: IncomingMessage): boolean {
  const status = response.statusCode ?? 0;
  return status >= 200 && status < 300;
}

/** Whole lines; what a broken connection left of the last one is dropped. */
async function* linesOf(response: IncomingMessage): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of response.setEncoding('utf8')) {
    const lines = (rest + chunk).split('\n');
    rest = lines.pop() ?? '';
    for (const line of lines) if (line !== '') yield line;
  }
}

async function readText(response: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of response) chunks.push(chunk);
  return Buffer.concat(chunks).toString('utf8');
}

function asError(statusCode: number | undefined, text: string): ApiError {
  try {
    return ApiError.fromStatus(Status.parse(JSON.parse(text)));
  } catch (cause) {
    return new ApiError('ServiceUnavailable', `the executor answered ${statusCode ?? 'nothing'}`, { cause });
  }
}
