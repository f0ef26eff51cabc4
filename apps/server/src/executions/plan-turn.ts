import { ApiError, type TeamMember, type TeamSpec } from '@wegent/api';

/** Who answers a message: one member alone, or the Team in its mode. */
export type TurnPlan =
  | { mode: 'solo'; memberIndex: number; member: TeamMember }
  | { mode: Exclude<TeamSpec['collaborationModel'], 'solo'>; leader: number; others: number[] };

/**
 * Decides who answers when a message arrives. Pure.
 * `mentioned` is the member that a group message calls by name; it answers in place of the Team.
 */
export function planTurn(team: TeamSpec, { mentioned }: { mentioned?: number | undefined } = {}): TurnPlan {
  if (mentioned !== undefined) return solo(team, mentioned);
  const named = team.members.findIndex((member) => member.role === 'leader');
  const leader = Math.max(named, 0);
  if (team.collaborationModel === 'solo' || team.members.length === 1) return solo(team, leader);
  const all = [...team.members.keys()];
  // Without a leader by name the first member leads, and has a voice of its own in the rounds.
  const isVoiced = team.collaborationModel === 'collaborate' && named === -1;
  return {
    mode: team.collaborationModel,
    leader,
    others: isVoiced ? all : all.filter((index) => index !== leader),
  };
}

function solo(team: TeamSpec, memberIndex: number): TurnPlan {
  const member = team.members[memberIndex];
  if (!member) throw new ApiError('Invalid', `the Team has no member ${memberIndex + 1}`);
  return { mode: 'solo', memberIndex, member };
}
