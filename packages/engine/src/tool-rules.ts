import { createHash } from 'node:crypto';
import type { ExecutionSpec } from '@wegent/api';

/** A tool by all its names: `name` is what the model calls, `tool` what its MCP server calls it. */
export interface ToolIdentity {
  name: string;
  server: string;
  tool: string;
}

/** Providers take letters, digits, _ and -, 64 at most. */
const MAX_NAME = 64;

/** The name under which the model gets a tool: `<server>__<tool>`, made fit for every provider and unique. */
export function toolNameOf(server: string, tool: string, isTaken: (name: string) => boolean): string {
  const plain = `${server}__${tool}`;
  const name = plain.replaceAll(/[^A-Za-z0-9_-]/g, '_');
  if (name.length <= MAX_NAME && !isTaken(name)) return name;
  const hash = createHash('sha256').update(plain).digest('hex').slice(0, 8);
  return `${name.slice(0, MAX_NAME - 9)}_${hash}`;
}

/** Do the allow and deny lists of the Ghost let the tool pass? Deny counts more. */
export function isToolAllowed(filter: ExecutionSpec['tools'], identity: ToolIdentity): boolean {
  if (filter?.deny?.some((pattern) => matchesTool(pattern, identity))) return false;
  return filter?.allow === undefined || filter.allow.some((pattern) => matchesTool(pattern, identity));
}

/** What the first approval rule that fits says about a call; undefined where none does. */
export function decideCall(
  rules: ExecutionSpec['approvals'],
  call: ToolIdentity & { input: unknown },
): 'ask' | 'allow' | 'deny' | undefined {
  return rules.find(
    ({ tool, match }) =>
      matchesTool(tool, call) && (match === undefined || matches(match, JSON.stringify(call.input) ?? '')),
  )?.decision;
}

/** Patterns may name the tool as the model, as its server, or as Claude Code does, so that Ghosts fit every engine. */
function matchesTool(pattern: string, { name, server, tool }: ToolIdentity): boolean {
  return [name, tool, `${server}__${tool}`, `mcp__${server}__${tool}`].some((candidate) =>
    matches(pattern, candidate),
  );
}

/** `*` stands for any run of characters. No regular expression: a long input must not make one run forever. */
function matches(pattern: string, text: string): boolean {
  const [first = '', ...rest] = pattern.split('*');
  const last = rest.pop();
  if (last === undefined) return text === first;
  if (!text.startsWith(first) || !text.endsWith(last)) return false;
  let at = first.length;
  for (const part of rest) {
    const found = text.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return at <= text.length - last.length;
}
