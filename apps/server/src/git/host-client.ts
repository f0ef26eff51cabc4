import type { z } from 'zod';
import type { HostConnection } from './git-host-api.ts';
import { HostFailure } from './host-failure.ts';
import { fetchFromHost } from './host-fetch.ts';
import { failureOf } from './host-refusal.ts';

const TIMEOUT_MS = 10_000;
const MAX_BYTES = 8 * 1024 * 1024;

/** One question to the API of a host. */
export interface HostRequest {
  method?: 'GET' | 'POST' | 'PUT' | 'PATCH';
  /** Behind the base; parts that come from outside are encoded. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: Record<string, unknown>;
  /** What a 404 says is not there, such as `repository "owner/name"`. */
  what?: string;
}

/** An answer that was read. */
export interface HostAnswer<Data> {
  data: Data;
  headers: Headers;
}

/**
 * Asks the API of a host in JSON; answers are checked against a schema.
 */
export function createHostClient({
  connection,
  base,
  name,
  headers: own,
  parameters = {},
  scopes,
}: {
  connection: HostConnection;
  /** Where the API begins, without a slash at the end. */
  base: string;
  /** Name of the API, for people. */
  name: string;
  headers: Record<string, string>;
  /** What goes into each query, or into the body where there is one. */
  parameters?: Record<string, string>;
  /** The scopes that a token needs to read and to write, where the host does not name them. */
  scopes: { read: string; write: string };
}) {
  const { domain, token, fetch, signal } = connection;

  async function call<Schema extends z.ZodType>(
    request: HostRequest,
    schema: Schema,
  ): Promise<HostAnswer<z.infer<Schema>>> {
    const { method = 'GET', body } = request;
    const isWrite = method !== 'GET';
    const { status, headers, bytes } = await fetchFromHost({
      fetch,
      url: urlOf(base, request, isWrite ? {} : parameters),
      method,
      headers: {
        'user-agent': 'wegent',
        ...own,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
      body: body && JSON.stringify({ ...parameters, ...body }),
      signal,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    const text = bytes.toString('utf8');
    if (status < 200 || status >= 300) {
      const what = request.what ?? 'what was asked for';
      const scope = isWrite ? scopes.write : scopes.read;
      throw failureOf({
        domain,
        name,
        token,
        status,
        headers,
        text,
        what,
        scope,
      });
    }
    const parsed = schema.safeParse(parseJson(text));
    if (parsed.success) return { data: parsed.data, headers };
    throw new HostFailure('no-api', `${domain} answers, but not as the API of ${name} does`, {
      cause: parsed.error,
    });
  }

  /** `undefined` in place of a 404. */
  async function maybe<Schema extends z.ZodType>(
    request: HostRequest,
    schema: Schema,
  ): Promise<z.infer<Schema> | undefined> {
    try {
      return (await call(request, schema)).data;
    } catch (error) {
      if (error instanceof HostFailure && error.kind === 'not-found') return undefined;
      throw error;
    }
  }

  /** Goes through the pages of a list, until one says that it is the last, or `maxPages`. */
  async function* pages<Schema extends z.ZodType>(
    request: HostRequest,
    schema: Schema,
    {
      maxPages,
      sizeParameter = 'per_page',
      size = 100,
    }: { maxPages: number; sizeParameter?: string; size?: number },
  ): AsyncGenerator<z.infer<Schema>> {
    for (let page = 1; page <= maxPages; page += 1) {
      const query = { ...request.query, page, [sizeParameter]: size };
      const { data, headers: told } = await call({ ...request, query }, schema);
      yield data;
      if (!hasNext(told, page)) return;
    }
  }

  return {
    ask: async <Schema extends z.ZodType>(request: HostRequest, schema: Schema) =>
      (await call(request, schema)).data,
    maybe,
    pages,

    /** All items of a list that is an array. */
    async list<Item extends z.ZodType>(
      request: HostRequest,
      items: z.ZodArray<Item>,
      options: { maxPages: number; sizeParameter?: string; size?: number },
    ): Promise<z.infer<Item>[]> {
      const all: z.infer<Item>[] = [];
      for await (const page of pages(request, items, options)) all.push(...page);
      return all;
    },
  };
}

// Never the address that a host names for the next page: it could be anywhere.
function hasNext(headers: Headers, page: number): boolean {
  const total = Number(headers.get('total_page') ?? Number.NaN);
  if (Number.isInteger(total)) return page < total;
  const next = headers.get('x-next-page');
  if (next !== null) return next.trim() !== '';
  return /;\s*rel="?next"?/i.test(headers.get('link') ?? '');
}

function urlOf(base: string, { path, query = {} }: HostRequest, parameters: Record<string, string>): URL {
  const url = new URL(base + path);
  for (const [name, value] of Object.entries({ ...query, ...parameters })) {
    if (value !== undefined) url.searchParams.set(name, String(value));
  }
  return url;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
