import type { GitHostRow } from '@wegent/store';
import type { GitAddress } from './git-address.ts';

/** A saved domain, taken apart. */
export interface GitDomain {
  hostname: string;
  /** Absent for the usual one. */
  port?: number;
}

/** What matching looks at. */
type Host = Pick<GitHostRow, 'domain' | 'type' | 'scheme'>;

/**
 * The one way to write a domain: lower case, without the port of HTTPS. `undefined` where it is no name of a host, or
 * one of the other ways to write an address (`0x7f.1`, `2130706433`), under which nobody would recognise it.
 */
export function canonicalDomain(text: string): string | undefined {
  const domain = text.toLowerCase().replace(/:443$/, '');
  if (/\.(:\d+)?$/.test(domain) || !URL.canParse(`https://${domain}`)) return undefined;
  return new URL(`https://${domain}`).host === domain ? domain : undefined;
}

/** Takes a domain apart. */
export function parseDomain(domain: string): GitDomain {
  const [, hostname = domain, port] = /^(.*):(\d+)$/.exec(domain) ?? [];
  return { hostname: hostname.toLowerCase(), ...(port === undefined ? {} : { port: Number(port) }) };
}

/**
 * The host whose token goes along with an address over HTTP: the same name and the same port. Without encryption it
 * goes only where the host was saved so, or where nothing but an address with a port is known of it.
 */
export function httpHostOf<Row extends Host>(rows: readonly Row[], address: GitAddress): Row | undefined {
  if (address.transport !== 'http') return undefined;
  return rows.find(({ domain, scheme }) => {
    const { hostname, port } = parseDomain(domain);
    if (hostname !== address.hostname) return false;
    if (address.scheme === 'https') return address.port === (port ?? 443);
    const mayBePlain = scheme === 'http' || (scheme === null && port !== undefined);
    return mayBePlain && address.port === (port ?? 80);
  });
}

/**
 * The host whose key opens an address over SSH: that of name and port, that of the name, or one with an API, whose
 * port says nothing about SSH.
 */
export function sshHostOf<Row extends Host>(rows: readonly Row[], address: GitAddress): Row | undefined {
  if (address.transport !== 'ssh') return undefined;
  const same = rows.filter(({ domain }) => parseDomain(domain).hostname === address.hostname);
  return (
    same.find(({ domain }) => parseDomain(domain).port === address.port) ??
    same.find(({ domain }) => parseDomain(domain).port === undefined) ??
    same.find(({ type }) => type !== 'git')
  );
}
