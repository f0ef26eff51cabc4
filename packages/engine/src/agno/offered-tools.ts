import type { ExecutionSpec } from '@wegent/api';
import { isToolAllowed, type ToolIdentity, toolNameOf } from '../tool-rules.ts';

/** A tool that the model gets, with all its names. */
export interface OfferedTool extends ToolIdentity {
  /** Its name for people. */
  title: string;
  /** A tool of the platform: lists and rules of the Ghost are not about it. */
  isOwn?: true;
}

/** Tools of MCP servers, by server. */
export type ServerTools = ReadonlyMap<string, readonly { name: string; title: string }[]>;

/** The manager puts the members of a leader's Team beside its MCP servers, under this name. */
const TEAM = 'team';

/**
 * Those tools that the Ghost's lists let pass, named `<server>__<tool>`, in an order that does not change; a leader gets
 * `delegate` besides, as in every engine. Pure.
 */
export function offeredTools(
  servers: ServerTools,
  { tools: filter, team }: Pick<ExecutionSpec, 'tools' | 'team'>,
): OfferedTool[] {
  const offered = new Map<string, OfferedTool>();
  for (const [server, tools] of [...servers].toSorted(([left], [right]) => left.localeCompare(right))) {
    for (const { name: tool, title } of tools) {
      if (team && server === TEAM) {
        offered.set(tool, { name: tool, server, tool, title: humanise(tool), isOwn: true });
        continue;
      }
      const name = toolNameOf(server, tool, (taken) => offered.has(taken));
      if (!isToolAllowed(filter, { name, server, tool })) continue;
      offered.set(name, { name, server, tool, title: `${server}: ${title || humanise(tool)}` });
    }
  }
  return [...offered.values()];
}

function humanise(name: string): string {
  const words = name
    .replaceAll(/[_-]+/g, ' ')
    .replaceAll(/([a-z])([A-Z])/g, '$1 $2')
    .trim()
    .toLowerCase();
  return words.charAt(0).toUpperCase() + words.slice(1);
}
