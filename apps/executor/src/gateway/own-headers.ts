import { GATEWAY_TOKEN_HEADER } from '@wegent/api';

/** Headers that belong to one connection, and ours, which nobody else may set. */
const DROPPED = new Set([
  'connection',
  'proxy-connection',
  'keep-alive',
  'proxy-authorization',
  GATEWAY_TOKEN_HEADER,
]);

/** Names and values in turn, as node:http gives them, without those that end here and those that are named. */
export function ownHeaders(raw: readonly string[], without: ReadonlySet<string> = new Set()): string[] {
  return raw.filter((_, index) => {
    const name = raw[index - (index % 2)]?.toLowerCase() ?? '';
    return !DROPPED.has(name) && !without.has(name);
  });
}
