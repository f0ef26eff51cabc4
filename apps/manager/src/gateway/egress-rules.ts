import type { SpecShell } from '@wegent/api';

/** Why the proxy does not let a host through, or undefined when the list allows it. Pure. */
export function egressProblem(given: {
  network: SpecShell['network'];
  entries: readonly string[];
  host: string;
  port: number;
}): string | undefined {
  const { network, entries, host, port } = given;
  if (network === 'open') return undefined;
  if (network === 'gateway-only')
    return 'the network of the Shell is gateway-only, which lets nothing through but the model, git and MCP. To allow hosts, give the Shell network: allowlist and the Workspace an egress list';
  if (entries.some((entry) => allows(entry, { host, port }))) return undefined;
  return `it is not in the egress list of the Workspace. To allow it, add ${host}${DEFAULT_PORTS.has(port) ? '' : `:${port}`} there`;
}

const DEFAULT_PORTS = new Set([80, 443]);

/** `host`, `host:port` or `*.domain`, which is every host below the domain. */
function allows(entry: string, { host, port }: { host: string; port: number }): boolean {
  const [, name = '', ownPort] = /^(\[[^\]]+\]|[^:]+)(?::(\d+))?$/.exec(entry.trim().toLowerCase()) ?? [];
  if (ownPort === undefined ? !DEFAULT_PORTS.has(port) : Number(ownPort) !== port) return false;
  if (name.startsWith('*.')) return host.endsWith(name.slice(1)) && host.length > name.length - 1;
  return name !== '' && canonicalHost(name) === host;
}

/** A host as URLs have it (lower case, IPv4 in dots, punycode), without the dot at its end; undefined when it is none. */
export function canonicalHost(host: string): string | undefined {
  if (/[\s/?#@\\%]/.test(host)) return undefined;
  const url = URL.parse(`http://${host}/`);
  if (url?.port !== '' || url.username !== '' || url.pathname !== '/') return undefined;
  return url.hostname.replace(/\.$/, '') || undefined;
}

/** Host and port of `host:port`, as CONNECT has it. */
export function parseAuthority(authority: string): { host: string; port: number } | undefined {
  const [, name = '', digits = ''] = /^(\[[^\]]+\]|[^:]+):(\d{1,5})$/.exec(authority) ?? [];
  const host = canonicalHost(name);
  const port = Number(digits);
  return host !== undefined && port >= 1 && port <= 65_535 ? { host, port } : undefined;
}
