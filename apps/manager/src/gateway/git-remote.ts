import type { OutgoingHttpHeaders } from 'node:http';
import type { SpecWorkspace } from '@wegent/api';

type Repository = NonNullable<SpecWorkspace['repository']>;

/** Where the repository of a task is, in the words of its transport. */
export type GitRemote =
  | { kind: 'http'; url: URL; authorization: string | undefined }
  | {
      kind: 'ssh';
      host: string;
      port: number;
      user: string;
      path: string;
      key: string | undefined;
      knownHosts: string | undefined;
    }
  | { kind: 'local'; path: string }
  | { kind: 'unusable'; problem: string };

const HOST = /^([a-z0-9]([a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])$/i;
const USER = /^[a-z0-9_][a-z0-9._-]*$/i;
/** No quotes, no blanks, nothing that a shell on the other side could read as more than a path. */
const PATH = /^[\w/~][\w/~.@+:,=-]*$/;

/** Reads the address of a repository. Nothing of it reaches a command line that was not checked here. Pure. */
export function gitRemoteOf({ url, credential }: Repository): GitRemote {
  if (/^https?:\/\//i.test(url)) {
    const parsed = URL.parse(url);
    if (!parsed) return unusable('it is no URL');
    const inUrl =
      parsed.username === '' ? undefined : basic(decode(parsed.username), decode(parsed.password));
    const authorization =
      credential?.type === 'basic' ? basic(credential.username, credential.password) : inUrl;
    const place = new URL(parsed.origin);
    place.pathname = parsed.pathname.replace(/\/+$/, '');
    return { kind: 'http', url: place, authorization };
  }
  if (/^file:\/\//i.test(url)) {
    const parsed = URL.parse(url);
    const path = parsed && parsed.host === '' ? decode(parsed.pathname) : '';
    return path.startsWith('/') && !path.includes('\0') ? { kind: 'local', path } : unusable('it is no path');
  }
  const [, user = 'git', host = '', port = '22', path = ''] =
    /^ssh:\/\/(?:([^@/]+)@)?(\[[^\]]+\]|[^:/@]+)(?::(\d{1,5}))?(\/.+)$/i.exec(url) ?? scpLike(url);
  if (!HOST.test(host)) return unusable('its host is not a host name');
  if (!USER.test(user)) return unusable('its user name has characters that are not taken');
  if (Number(port) < 1 || Number(port) > 65_535) return unusable('its port is no port');
  // As git does: /~ada/x is ~ada/x for the other side.
  const remotePath = path.replace(/^\/(?=~)/, '');
  if (!PATH.test(remotePath)) return unusable('its path has characters that are not taken');
  const ssh = credential?.type === 'ssh' ? credential : undefined;
  return {
    kind: 'ssh',
    host,
    port: Number(port),
    user,
    path: remotePath,
    key: ssh?.privateKey,
    knownHosts: ssh?.knownHosts,
  };
}

/** The headers of a request to a git host, signed in. Pure. */
export function gitHeaders(
  { authorization }: { authorization: string | undefined },
  headers: OutgoingHttpHeaders,
): OutgoingHttpHeaders {
  return {
    ...headers,
    ...(authorization === undefined ? {} : { authorization }),
    'accept-encoding': 'identity',
  };
}

/** user@host:path; with the groups of the other pattern. */
function scpLike(url: string): string[] {
  if (url.includes('://')) return [];
  const [, user = 'git', host = '', path = ''] =
    /^(?:([^@/:]+)@)?(\[[^\]]+\]|[^:/@]+):([^:].*)$/.exec(url) ?? [];
  return ['', user, host, '22', path];
}

function basic(username: string, password: string): string {
  return `Basic ${Buffer.from(`${username}:${password}`).toString('base64')}`;
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function unusable(why: string): GitRemote {
  return { kind: 'unusable', problem: `The address of the repository cannot be used: ${why}.` };
}
