import { ApiError, HTTP_CODE_OF_REASON, Status, type StatusReason } from '@wegent/api';

/** Values of a query string; `undefined` leaves a key out, a list repeats it. */
export type Query = Record<string, string | number | boolean | readonly string[] | undefined>;

/** What a request may carry. */
export interface RequestOptions {
  query?: Query | undefined;
  /** Plain values travel as JSON; strings, forms and blobs as they are. */
  body?: unknown;
  headers?: Record<string, string>;
  signal?: AbortSignal | undefined;
  /** `false` sends no token and does not renew it; for the requests that get one. */
  authorized?: boolean;
}

/** Where the server is and who asks. */
export interface HttpClientOptions {
  /** Origin of the server, without a path; '' means the page's own. */
  baseUrl: string;
  /** The current access token or API key. */
  getAccessToken?: () => string | undefined;
  /** Gets a new access token; called once for all requests that were refused meanwhile. */
  refresh?: () => Promise<string | undefined>;
  fetch?: typeof fetch;
}

/** HTTP with the platform's conventions: bearer token, one renewal on 401, failures as ApiError. */
export interface HttpClient {
  /** Sends a request and answers the parsed body; `undefined` for an empty one. */
  request<Answer>(method: string, path: string, options?: RequestOptions): Promise<Answer>;
  /** Sends a request and answers the successful response itself; for streams and files. */
  send(method: string, path: string, options?: RequestOptions): Promise<Response>;
  /** The address of a path on the server. */
  url(path: string, query?: Query): string;
  /** The current access token. */
  token(): string | undefined;
  /** Renews the access token; concurrent calls share one renewal. */
  renew(): Promise<string | undefined>;
}

/**
 * Creates an HTTP client. Refusals become the ApiError that the server sent, an unreachable server becomes
 * `ServiceUnavailable`; an aborted request rejects with the signal's reason.
 */
export function createHttpClient(options: HttpClientOptions): HttpClient {
  const { getAccessToken, refresh } = options;
  let renewal: Promise<string | undefined> | undefined;

  const client: HttpClient = {
    async request<Answer>(method: string, path: string, request: RequestOptions = {}) {
      const response = await client.send(method, path, request);
      const text = await response.text();
      // The server is trusted: its answers have the shapes of @wegent/api.
      return (text === '' ? undefined : JSON.parse(text)) as Answer;
    },

    async send(method, path, request = {}) {
      const authorized = request.authorized ?? true;
      const first = await exchange(method, path, request, authorized ? client.token() : undefined);
      if (first.ok) return first;
      if (first.status !== 401 || !authorized || !refresh) throw await errorOf(first);
      const token = await client.renew();
      if (token === undefined) throw await errorOf(first);
      const second = await exchange(method, path, request, token);
      if (second.ok) return second;
      throw await errorOf(second);
    },

    url(path, query) {
      return `${options.baseUrl}${path}${queryString(query)}`;
    },

    token() {
      return getAccessToken?.();
    },

    async renew() {
      renewal ??= Promise.resolve(refresh?.()).finally(() => {
        renewal = undefined;
      });
      return renewal;
    },
  };

  async function exchange(method: string, path: string, request: RequestOptions, token: string | undefined) {
    const { body, contentType } = encode(request.body);
    const fetchNow = options.fetch ?? fetch;
    try {
      return await fetchNow(client.url(path, request.query), {
        method,
        headers: {
          accept: 'application/json',
          ...(contentType === undefined ? {} : { 'content-type': contentType }),
          ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
          ...request.headers,
        },
        ...(body === undefined ? {} : { body }),
        ...(request.signal ? { signal: request.signal } : {}),
        credentials: 'same-origin',
      });
    } catch (error) {
      if (request.signal?.aborted) throw error;
      throw new ApiError(
        'ServiceUnavailable',
        'the server cannot be reached; check the connection and try again',
        {
          cause: error,
        },
      );
    }
  }

  return client;
}

/**
 * The ApiError of a refused response: the Status that its body holds, else what the status code says.
 * `retryAfter` is the header's value.
 */
export function errorFrom(code: number, body: string, retryAfter: string | null): ApiError {
  const seconds = retryAfter === null ? Number.NaN : Number(retryAfter);
  const delay = Number.isInteger(seconds) ? { retryAfterSeconds: seconds } : {};
  const status = Status.safeParse(parseJson(body));
  if (!status.success) {
    return new ApiError(reasonOf(code), `the server answered ${code}`, { details: delay });
  }
  return ApiError.fromStatus({ ...status.data, details: { ...delay, ...status.data.details } });
}

async function errorOf(response: Response): Promise<ApiError> {
  return errorFrom(
    response.status,
    await response.text().catch(() => ''),
    response.headers.get('retry-after'),
  );
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function reasonOf(code: number): StatusReason {
  const reasons = Object.keys(HTTP_CODE_OF_REASON) as StatusReason[];
  const exact = reasons.find((reason) => HTTP_CODE_OF_REASON[reason] === code);
  if (exact) return exact;
  // A proxy answers 502 while the server behind it restarts.
  if (code === 502) return 'ServiceUnavailable';
  return code >= 500 ? 'InternalError' : 'BadRequest';
}

function encode(body: unknown): { body?: BodyInit; contentType?: string } {
  if (body === undefined) return {};
  if (typeof body === 'string' || body instanceof FormData || body instanceof Blob) return { body };
  return { body: JSON.stringify(body), contentType: 'application/json' };
}

function queryString(query: Query = {}): string {
  const parameters = new URLSearchParams();
  for (const [key, value] of Object.entries(query)) {
    if (value === undefined) continue;
    if (typeof value === 'object') for (const item of value) parameters.append(key, item);
    else parameters.set(key, String(value));
  }
  const text = parameters.toString();
  return text === '' ? '' : `?${text}`;
}
