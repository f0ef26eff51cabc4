/** A repository's address, taken apart. */
export interface RepositoryAddress {
  /** What is shown and kept as `remote.origin.url`: no user and password of http addresses. */
  url: string;
  /** `local` is a folder of the manager's machine, which goes the way of ssh. */
  transport: 'http' | 'ssh' | 'local';
  host: string;
  /** Path on the host without `.git` and slashes around it. */
  path: string;
  /** Name of the work tree's folder. */
  name: string;
}

/** Stands for the machine of the manager. */
export const LOCAL_HOST = 'wegent-local';

/** Paths of the gateway itself that begin like the repository's. */
const OWN_PATHS = /^(-ssh(\?|$)|-lfs-object\/|\.git\/)/;
const SCP_LIKE = /^(?:[^\s@/:]+@)?([^\s/:@]+):(?!\/\/|:)(.+)$/;

/** Reads `https://…`, `http://…`, `ssh://…`, `user@host:path` and `file://…`; undefined for everything else. */
export function parseRepositoryAddress(text: string): RepositoryAddress | undefined {
  if (/[\p{Cc}\s]/u.test(text) || text.startsWith('-')) return undefined;
  if (text.includes('://')) return parseUrl(text);
  const [, host, path] = SCP_LIKE.exec(text) ?? [];
  if (host === undefined || path === undefined || host.startsWith('-')) return undefined;
  return complete({ url: text, transport: 'ssh', host, path });
}

/** The same repository, however its address is written? */
export function isSameRepository(left: RepositoryAddress, right: RepositoryAddress): boolean {
  return left.host === right.host && left.path === right.path;
}

/** The spellings of an address that git may meet, longest first. */
export function spellingsOf(url: string): string[] {
  const bare = bareAddress(url);
  return [`${bare}.git`, bare];
}

/**
 * Git replaces prefixes of addresses, so a repository `…/app-docs` beside `…/app` arrives as `/git-docs`. Its real
 * address, or undefined for what really belongs to `/git`.
 */
export function siblingAddress(repositoryUrl: string, requestPath: string): string | undefined {
  const rest = /^\/git([^/?].*)$/.exec(requestPath)?.[1];
  if (rest === undefined || OWN_PATHS.test(rest)) return undefined;
  return `${bareAddress(repositoryUrl)}${rest}`;
}

function bareAddress(url: string): string {
  return url.replace(/\/+$/, '').replace(/\.git$/, '');
}

function parseUrl(text: string): RepositoryAddress | undefined {
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (url.search !== '' || url.hash !== '') return undefined;
  if (url.protocol === 'http:' || url.protocol === 'https:') {
    url.username = '';
    url.password = '';
    return complete({ url: url.href, transport: 'http', host: url.host, path: url.pathname });
  }
  if (url.protocol === 'file:') {
    return url.host === ''
      ? complete({ url: text, transport: 'local', host: LOCAL_HOST, path: decode(url.pathname) })
      : undefined;
  }
  if (url.protocol !== 'ssh:' || url.hostname.startsWith('-')) return undefined;
  return complete({ url: text, transport: 'ssh', host: url.hostname, path: url.pathname });
}

function complete(given: Omit<RepositoryAddress, 'name'>): RepositoryAddress | undefined {
  const path = bareAddress(given.path.replace(/^\/+/, ''));
  const last = decode(path.split('/').at(-1) ?? '')
    .replace(/[^\p{L}\p{N}._-]/gu, '-')
    .replace(/^\.+/, '');
  if (path === '') return undefined;
  return { ...given, path, name: last === '' ? 'repository' : last.slice(0, 100) };
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
