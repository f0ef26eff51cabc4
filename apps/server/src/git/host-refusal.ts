import { HostFailure } from './host-failure.ts';
import { hostMessage } from './host-message.ts';

const MAX_RETRY_SECONDS = 24 * 60 * 60;
const DEFAULT_RETRY_SECONDS = 60;

/** What is known of an answer that is a refusal. */
export interface Refusal {
  domain: string;
  /** Name of the API, for people. */
  name: string;
  token: string;
  status: number;
  headers: Headers;
  text: string;
  /** What was asked for. */
  what: string;
  /** The scope that it takes, where the host does not name it. */
  scope: string;
  now?: number;
}

/** Turns the refusal of a host into a failure that says what to do. Pure. */
export function failureOf(refusal: Refusal): HostFailure {
  const { domain, name, token, status, headers, text, what, scope, now = Date.now() } = refusal;
  const message = hostMessage(text, token);
  const said = message === '' ? '' : ` (it says: ${message})`;
  if (isRateLimited(status, headers)) {
    const seconds = retrySeconds(headers, now);
    return new HostFailure(
      'rate-limited',
      `${domain} takes no more requests with this token for now; try again in ${wait(seconds)}${said}`,
      { retryAfterSeconds: seconds },
    );
  }
  if (status === 401)
    return new HostFailure(
      'unauthorized',
      `${domain} does not accept the token${said}. Connect the host again under Settings → Git hosts.`,
    );
  if (status === 403)
    return new HostFailure(
      'forbidden',
      `${domain} refuses this with the token${said}. It takes the scope ${scopeOf(headers, text) ?? scope}: connect the host again with a token that has it.`,
    );
  if (status === 404)
    return new HostFailure(
      'not-found',
      `${what} is not there, or not visible to the token of ${domain}${said}`,
    );
  if (status === 409)
    return new HostFailure('conflict', `${domain} refused: ${message || 'there is a conflict'}`);
  if (status === 400 || status === 422)
    return new HostFailure(
      'refused',
      `${domain} refused: ${message || `the request is invalid (${status})`}`,
    );
  if (status >= 500)
    return new HostFailure('failed', `${domain} has a fault (${status})${said}; try again later`);
  return new HostFailure('no-api', `${domain} answered ${status}, which the API of ${name} does not${said}`);
}

/** Turns a connection that failed into a failure that says how. The cause may quote an address, so it is not kept. */
export function unreachable(url: URL, cause: unknown): HostFailure {
  const error = cause instanceof Error ? cause : new Error('unknown');
  if (error.name === 'OutboundRefused')
    return new HostFailure(
      'private',
      `${url.host} is a private address, which is not called from here. The operator may allow it with OUTBOUND_ALLOW=${url.hostname}:${portOf(url)}.`,
    );
  if (error.name === 'TimeoutError' || error.name === 'AbortError')
    return new HostFailure('unreachable', `${url.host} did not answer in time`);
  const code = codeOf(error);
  if (/CERT|SELF_SIGNED|ALTNAME|UNABLE_TO_VERIFY/.test(code))
    return new HostFailure('unreachable', `${url.host} has a certificate that is not trusted here (${code})`);
  return new HostFailure('unreachable', `${url.origin} does not answer${code === '' ? '' : ` (${code})`}`);
}

// GitHub answers 403 for its limits too, and a second kind of limit has no count.
function isRateLimited(status: number, headers: Headers): boolean {
  if (status === 429) return true;
  return status === 403 && (headers.get('x-ratelimit-remaining') === '0' || headers.has('retry-after'));
}

function retrySeconds(headers: Headers, now: number): number {
  const after = headers.get('retry-after');
  const reset = headers.get('x-ratelimit-reset') ?? headers.get('ratelimit-reset');
  const seconds =
    after === null
      ? reset === null
        ? Number.NaN
        : Number(reset) - now / 1000
      : /^\d+$/.test(after)
        ? Number(after)
        : (Date.parse(after) - now) / 1000;
  if (!Number.isFinite(seconds)) return DEFAULT_RETRY_SECONDS;
  return Math.min(Math.max(Math.ceil(seconds), 1), MAX_RETRY_SECONDS);
}

function wait(seconds: number): string {
  return seconds < 120 ? `${seconds} s` : `${Math.ceil(seconds / 60)} min`;
}

/** The scope as the host names it: GitHub in headers, GitLab in the body, Gitea in its message. */
function scopeOf(headers: Headers, text: string): string | undefined {
  const named =
    headers.get('x-accepted-github-permissions') ||
    headers.get('x-accepted-oauth-scopes') ||
    /"scope"\s*:\s*"([\w: ,-]{1,200})"/.exec(text)?.[1] ||
    /required scope\(s\)[:,]?\s*(?:required=)?\[([\w: ,-]{1,200})\]/.exec(text)?.[1];
  return named ? named.slice(0, 200) : undefined;
}

function codeOf(error: Error): string {
  const own = 'code' in error ? error.code : undefined;
  const inner = error.cause instanceof Error && 'code' in error.cause ? error.cause.code : undefined;
  const code = own ?? inner;
  return typeof code === 'string' && /^[A-Z_0-9]{1,60}$/.test(code) ? code : '';
}

function portOf(url: URL): string {
  return url.port || (url.protocol === 'https:' ? '443' : '80');
}
