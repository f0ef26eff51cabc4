import { ApiError, type ObjectReference, type TeamMember, type TeamSpec } from '@wegent/api';

/** One run that a turn begins with. */
export interface PlannedRun {
  memberIndex: number;
  member: TeamMember;
}

/**
 * Decides who runs when a message arrives. Pure.
 * `mentioned` is the member that a group message calls by name; it answers in place of the usual one.
 */
export function planTurn(
  team: TeamSpec,
  options: { teamName: string; mentioned?: number | undefined },
): PlannedRun[] {
  if (options.mentioned !== undefined) return [runOf(team, options.mentioned)];
  if (team.collaborationModel !== 'solo' && team.members.length > 1) {
    throw new ApiError(
      'Invalid',
      `Team "${options.teamName}" has ${team.members.length} members and collaborationModel "${team.collaborationModel}"; this server runs "solo" and Teams of one member`,
      {
        details: {
          kind: 'Team',
          name: options.teamName,
          causes: [
            {
              reason: 'FieldValueNotSupported',
              field: 'spec.collaborationModel',
              message: 'supported values: "solo"',
            },
          ],
        },
      },
    );
  }
  const leader = team.members.findIndex((member) => member.role === 'leader');
  return [runOf(team, Math.max(leader, 0))];
}

/** The name of a member within its Team. */
export function memberName(member: { name?: string | undefined; botRef: ObjectReference }): string {
  return member.name ?? member.botRef.name;
}

function runOf(team: TeamSpec, memberIndex: number): PlannedRun {
  const member = team.members[memberIndex];
  if (!member) throw new ApiError('Invalid', `the Team has no member ${memberIndex + 1}`);
  return { memberIndex, member };
}
