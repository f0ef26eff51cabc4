import type { ObjectReference, ShellType, SpecMember, SpecNativeTeam } from '@wegent/api';
import type { AnswerPlan } from './answer-plan.ts';
import { type CompileInput, compile } from './compile.ts';
import type { TurnPlan } from './plan-turn.ts';

/** What makes a member another than the leader of its Team. */
export type MemberParts = Pick<CompileInput, 'bot' | 'ghost' | 'shell' | 'model'>;

/**
 * Does one run of an engine take the whole Team? Agno can, where all members share a Shell: then they share its sandbox,
 * network and limits as well. Stages and the gates between them are the platform's, whoever works in them. Pure.
 */
export function runsNatively(
  { mode }: Pick<TurnPlan, 'mode'>,
  members: readonly { shellType: ShellType; shell: ObjectReference }[],
): boolean {
  const [first] = members;
  return (
    (mode === 'route' || mode === 'coordinate' || mode === 'collaborate') &&
    members.every(
      ({ shellType, shell }) =>
        shellType === 'Agno' && shell.name === first?.shell.name && shell.namespace === first.shell.namespace,
    )
  );
}

/** The Team of such a run; `parts` are those of `plan.others`. Pure; throws as `compile` does. */
export function compileTeam(
  plan: AnswerPlan,
  { leader, parts }: { leader: CompileInput; parts: readonly MemberParts[] },
): SpecNativeTeam | undefined {
  const { mode, rounds, limits } = plan;
  if (!plan.native || mode === 'pipeline') return undefined;
  const members = plan.others.flatMap((index, place): SpecMember[] => {
    const member = plan.members[index];
    const own = parts[place];
    if (!member || !own) return [];
    const { bot, model, systemPrompt, mcpServers, tools, approvals } = compile({
      ...leader,
      ...own,
      memberPrompt: member.prompt,
      team: undefined,
      session: undefined,
      options: {},
    });
    if (!model) return [];
    return [
      {
        ...{ name: member.name, description: member.description, bot, model },
        ...{ systemPrompt, mcpServers, approvals },
        ...(tools ? { tools } : {}),
      },
    ];
  });
  return { mode, members, rounds, limits };
}
