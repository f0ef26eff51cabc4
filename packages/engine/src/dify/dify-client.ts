import { z } from 'zod';
import { asRecord, type DifyEvent } from './dify-event.ts';
import { DifyFault, DifyStreamBroken } from './dify-fault.ts';
import type { DifySettings } from './dify-settings.ts';
import { readStream } from './read-stream.ts';

/** The service API of one application. Calls reject with a DifyFault when the server refuses, else as `fetch` does. */
export interface DifyClient {
  get(path: string, signal: AbortSignal): Promise<Record<string, unknown>>;
  post(path: string, body: Record<string, unknown>, signal: AbortSignal): Promise<Record<string, unknown>>;
  /** Answers the id of the file. */
  upload(file: { name: string; mediaType: string; bytes: Uint8Array }, signal: AbortSignal): Promise<string>;
  /** Opens a stream: the answer is there when this resolves, so it is known whether the server took the request. */
  stream(
    call: { path: string; body?: Record<string, unknown> },
    signal: AbortSignal,
  ): Promise<AsyncGenerator<DifyEvent>>;
}

const CALL_MS = 30_000;
const UPLOAD_MS = 120_000;
/** Bytes of an answer that is no stream. */
const MAX_ANSWER = 4 * 1024 * 1024;

/** Makes the client. `user` is who the server thinks is asking; conversations, files and runs belong to that one. */
export function createDifyClient({
  settings,
  user,
  fetch,
  traceId,
  onBytes = () => undefined,
  quietMs,
}: {
  settings: Pick<DifySettings, 'baseUrl' | 'apiKey' | 'headers'>;
  user: string;
  fetch: typeof globalThis.fetch;
  traceId?: string;
  /** Called for each piece of a stream. */
  onBytes?: () => void;
  /** Milliseconds without a byte after which a stream counts as dead. */
  quietMs: number;
}): DifyClient {
  const send = (path: string, init: RequestInit) => {
    const headers = new Headers({ ...settings.headers, ...asStrings(init.headers) });
    headers.set('authorization', `Bearer ${settings.apiKey}`);
    if (traceId !== undefined) headers.set('x-trace-id', traceId);
    return fetch(`${settings.baseUrl}${path}`, { ...init, headers });
  };
  const json = (body: Record<string, unknown>) => ({
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ ...body, user }),
  });
  const within = (signal: AbortSignal, milliseconds = CALL_MS) =>
    AbortSignal.any([signal, AbortSignal.timeout(milliseconds)]);

  return {
    get: async (path, signal) => answerOf(await send(path, { signal: within(signal) })),
    post: async (path, body, signal) => answerOf(await send(path, { ...json(body), signal: within(signal) })),
    async upload({ name, mediaType, bytes }, signal) {
      const form = new FormData();
      form.set('user', user);
      form.set('file', new Blob([Uint8Array.from(bytes)], { type: mediaType }), name);
      const answer = await answerOf(
        await send('/files/upload', { method: 'POST', body: form, signal: within(signal, UPLOAD_MS) }),
      );
      return Uploaded.parse(answer).id;
    },
    async stream({ path, body }, signal) {
      const response = await send(path, { ...(body ? json(body) : { method: 'GET' }), signal });
      const type = response.headers.get('content-type') ?? '';
      if (response.ok && type.includes('text/event-stream') && response.body)
        return readStream(response.body, { onBytes, quietMs });
      const answer = await answerOf(response);
      throw new DifyStreamBroken(`no stream but ${JSON.stringify(answer).slice(0, 500)}`);
    },
  };
}

const Uploaded = z.object({ id: z.string().min(1) });

async function answerOf(response: Response): Promise<Record<string, unknown>> {
  const text = await readText(response);
  const answer = parse(text);
  if (response.ok && (answer !== undefined || text === '')) return answer ?? {};
  const { code, message } = Refusal.parse(answer ?? {});
  throw new DifyFault({
    status: response.ok ? undefined : response.status,
    code,
    message: answer ? message : text.slice(0, 1000),
    foreign: answer === undefined || (code === undefined && message === undefined),
    retryAfterMs: retryAfter(response.headers.get('retry-after')),
  });
}

const Refusal = z.looseObject({
  code: z.string().optional().catch(undefined),
  message: z.string().optional().catch(undefined),
});

async function readText(response: Response): Promise<string> {
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of response.body ?? []) {
    text += decoder.decode(chunk, { stream: true });
    if (text.length > MAX_ANSWER) throw new DifyFault({ message: 'the answer has no end', foreign: true });
  }
  return text + decoder.decode();
}

function parse(text: string): Record<string, unknown> | undefined {
  try {
    return asRecord(JSON.parse(text));
  } catch {
    return undefined;
  }
}

function retryAfter(value: string | null): number | undefined {
  return value !== null && /^\d+$/.test(value) ? Number(value) * 1000 : undefined;
}

function asStrings(headers: RequestInit['headers']): Record<string, string> {
  return Object.fromEntries(new Headers(headers));
}
