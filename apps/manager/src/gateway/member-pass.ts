import type { Pass } from './pass.ts';

/**
 * The pass of a member that works inside the run: it reaches its own Model and its own MCP servers, and what it uses is
 * counted as its own. Undefined where the run has no such member.
 */
export function memberPass(pass: Pass, index: number): Pass | undefined {
  const member = pass.run?.nativeTeam?.members[index];
  if (!pass.run || !member) return undefined;
  const { name, model, mcpServers } = member;
  const { team: _team, nativeTeam: _nativeTeam, ...shared } = pass.run;
  return Object.create(pass, {
    run: { value: { ...shared, model, mcpServers } },
    prefix: { value: `/members/${index}` },
    delegate: { value: undefined },
    addUsage: { value: (usage: Parameters<Pass['addUsage']>[0]) => pass.addUsage(usage, name) },
    // Bytes that are held count for the whole run.
    heldBytes: {
      get: () => pass.heldBytes,
      set: (bytes: number) => {
        pass.heldBytes = bytes;
      },
    },
  });
}

/** Why a member may not ask its model any more, or undefined while it may: the Team has a limit for a turn. */
export function spentText({ run, usage }: Pick<Pass, 'run' | 'usage'>): string | undefined {
  const limit = run?.nativeTeam?.limits.costUsd;
  const { costUsd } = usage();
  if (limit === undefined || costUsd === null || costUsd < limit) return undefined;
  return `This turn has cost $${costUsd.toFixed(4)}, and the Team may spend $${limit} on one (limits.costUsd).`;
}
