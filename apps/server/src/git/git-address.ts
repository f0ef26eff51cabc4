import { parseGitUrl } from '../workspaces/git-url.ts';

/** Where a git address leads, taken apart. */
export type GitAddress =
  | { transport: 'http'; scheme: 'http' | 'https'; hostname: string; port: number; path: string; url: string }
  | { transport: 'ssh'; hostname: string; port: number; path: string; url: string }
  | { transport: 'folder'; url: string };

const SSH_PORT = 22;

/** Takes a git address apart; Invalid, naming the field, where it is none. */
export function parseGitAddress(text: string, field?: string): GitAddress {
  const { url, folder } = parseGitUrl(text, field);
  if (folder !== undefined) return { transport: 'folder', url };
  if (!/^(https?|ssh):\/\//i.test(url)) {
    const [, hostname = '', path = ''] = /^[^@]+@([^:]+):(.+)$/.exec(url) ?? [];
    return { transport: 'ssh', hostname: hostname.toLowerCase(), port: SSH_PORT, path, url };
  }
  const { protocol, hostname, port, pathname } = new URL(url);
  const place = { hostname: hostname.toLowerCase(), path: pathname, url };
  if (protocol === 'ssh:') return { transport: 'ssh', port: Number(port || SSH_PORT), ...place };
  const scheme = protocol === 'http:' ? 'http' : 'https';
  return { transport: 'http', scheme, port: Number(port || (scheme === 'http' ? 80 : 443)), ...place };
}

/** `owner/name` as an API wants it; `undefined` where the path is none that a host with an API gives. */
export function repositoryPath(path: string): string | undefined {
  const parts = path
    .replace(/^\/+|\/+$/g, '')
    .replace(/\.git$/, '')
    .split('/')
    .map(decode);
  const isWrong = (part: string | undefined) =>
    part === undefined || part === '' || part === '.' || part === '..' || /[/\\\p{Cc}]/u.test(part);
  return parts.length < 2 || parts.some(isWrong) ? undefined : parts.join('/');
}

function decode(part: string): string | undefined {
  try {
    return decodeURIComponent(part);
  } catch {
    return undefined;
  }
}
