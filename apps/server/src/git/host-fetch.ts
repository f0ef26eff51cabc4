import { HostFailure } from './host-failure.ts';
import { unreachable } from './host-refusal.ts';

const MAX_REDIRECTS = 3;

/** One request to a git host. */
export interface HostFetch {
  fetch: typeof globalThis.fetch;
  url: URL;
  method?: string;
  headers: Record<string, string>;
  body?: string | undefined;
  /** Ends it before the time is over. */
  signal?: AbortSignal | undefined;
  timeoutMs: number;
  /** A larger answer is a failure. */
  maxBytes: number;
}

/** What a git host answered, whole. */
export interface HostBytes {
  status: number;
  headers: Headers;
  bytes: Buffer;
}

/**
 * Asks a git host, within limits of time and size. Redirects are followed within the same origin and for reading
 * alone, so that a credential goes nowhere else. Rejects with `HostFailure`.
 */
export async function fetchFromHost(request: HostFetch): Promise<HostBytes> {
  const { method = 'GET', timeoutMs, signal } = request;
  const within = AbortSignal.timeout(timeoutMs);
  const ends = signal ? [signal, within] : [within];
  let { url } = request;
  for (let redirects = 0; ; redirects += 1) {
    const answer = await once({ ...request, url, method }, ends);
    if (!('location' in answer)) return answer;
    const target = URL.canParse(answer.location, url.href) ? new URL(answer.location, url.href) : undefined;
    if (target?.origin !== url.origin || method !== 'GET' || redirects >= MAX_REDIRECTS) {
      const where = target ? ` to ${target.origin}` : '';
      throw new HostFailure(
        'redirected',
        `${url.host} redirects${where}, and credentials are not sent on. Use the address that the host really has.`,
      );
    }
    url = target;
  }
}

async function once(
  { fetch, url, method = 'GET', headers, body, maxBytes }: HostFetch,
  ends: readonly AbortSignal[],
): Promise<HostBytes | { location: string }> {
  const rest = new AbortController();
  let isRead = false;
  try {
    const response = await fetch(url, {
      method,
      headers,
      ...(body === undefined ? {} : { body }),
      redirect: 'manual',
      signal: AbortSignal.any([...ends, rest.signal]),
    });
    const { status } = response;
    if (status >= 300 && status < 400 && status !== 304)
      return { location: response.headers.get('location') ?? '' };
    const bytes = await readAtMost(response, maxBytes, url);
    isRead = true;
    return { status, headers: response.headers, bytes };
  } catch (cause) {
    throw cause instanceof HostFailure ? cause : unreachable(url, cause);
  } finally {
    // What was not read is not waited for.
    if (!isRead) rest.abort();
  }
}

async function readAtMost(response: Response, maxBytes: number, url: URL): Promise<Buffer> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const part = await reader?.read();
    if (part?.value === undefined) return Buffer.concat(chunks);
    size += part.value.length;
    if (size > maxBytes) throw new HostFailure('failed', `${url.host} gave an answer that is too large`);
    chunks.push(part.value);
  }
}
