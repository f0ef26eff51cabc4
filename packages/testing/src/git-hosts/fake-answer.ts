import type { FakeRepository, FakeToken } from './git-host-state.ts';

/** An answer of an imitated API. */
export interface FakeAnswer {
  status: number;
  body: unknown;
  headers?: Record<string, string>;
}

/** A request to an imitated API, with everything that routes look at. */
export interface FakeCall {
  method: string;
  /** Behind the base of the API; still encoded. */
  path: string;
  query: URLSearchParams;
  body: Record<string, unknown>;
  token: FakeToken;
  /** `http://127.0.0.1:port`. */
  origin: string;
  /** Whole address of the request, for links to other pages. */
  url: URL;
  /** All repositories that the token sees. */
  visible: FakeRepository[];
  find(name: string): FakeRepository | undefined;
}

/** One imitated API. */
export interface FakeApi {
  /** Where it begins. */
  base: string;
  /** The token of a request. */
  tokenOf(
    headers: { authorization?: string | undefined; privateToken?: string | undefined },
    call: {
      query: URLSearchParams;
      body: Record<string, unknown>;
    },
  ): string | undefined;
  unauthorized: FakeAnswer;
  forbidden(method: string): FakeAnswer;
  rateLimited(resetSeconds: number): FakeAnswer;
  handle(call: FakeCall): Promise<FakeAnswer>;
}

/** An answer in JSON. */
export function answer(body: unknown, status = 200, headers: Record<string, string> = {}): FakeAnswer {
  return { status, body, headers };
}

/** One page of a list. */
export function pageOf<Item>(
  items: readonly Item[],
  call: FakeCall,
  { sizeParameter, usual, most }: { sizeParameter: string; usual: number; most: number },
): { items: Item[]; page: number; size: number; pages: number; total: number } {
  const size = Math.min(Number(call.query.get(sizeParameter) ?? usual) || usual, most);
  const page = Math.max(1, Number(call.query.get('page') ?? 1) || 1);
  return {
    items: items.slice((page - 1) * size, page * size),
    page,
    size,
    pages: Math.max(1, Math.ceil(items.length / size)),
    total: items.length,
  };
}

/** The `Link` header of a page, as RFC 8288 has it. */
export function linkHeader(
  call: FakeCall,
  { page, pages }: { page: number; pages: number },
): Record<string, string> {
  const to = (number: number, relation: string) => {
    const url = new URL(call.url);
    url.searchParams.set('page', String(number));
    return `<${url.href}>; rel="${relation}"`;
  };
  const links = [
    ...(page < pages ? [to(page + 1, 'next'), to(pages, 'last')] : []),
    ...(page > 1 ? [to(page - 1, 'prev'), to(1, 'first')] : []),
  ];
  return links.length === 0 ? {} : { link: links.join(', ') };
}

/** Text of a field of a body. */
export function text(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}
