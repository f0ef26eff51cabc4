import type { SpecNativeTeam } from '@wegent/api';

/** What stands behind the prompt of the one who leads a Team that Agno runs; `ids` are those of its members. Pure. */
export function leaderNote({ mode, members, rounds }: SpecNativeTeam, ids: readonly string[]): string {
  const list = members.map(({ name, description }, index) => {
    const words = description.replaceAll(/\s+/g, ' ').trim() || 'no description';
    return `- ${JSON.stringify(ids[index])}${ids[index] === name ? '' : ` (${JSON.stringify(name)})`}: ${words}`;
  });
  return `${TASKS[mode](rounds)}\n\nThe members:\n${list.join('\n')}`;
}

/** What stands behind the prompt of a member. Pure. */
export function memberNote({ mode }: SpecNativeTeam, name: string): string {
  if (mode !== 'collaborate') return '';
  return `You are ${JSON.stringify(name)}, one of several members of a team who answer the same message at once. Say what you have to contribute; the leader writes the answer for the person.`;
}

const TASKS: Record<SpecNativeTeam['mode'], (rounds: number) => string> = {
  coordinate: () =>
    'You lead a team. Give work to its members with the tool "delegate_task_to_member" (member_id, task); several calls at once run at the same time. A member sees only the task that you write, so put everything into it that it needs. Their answers come back to you; then you write the answer for the person.',
  route: () =>
    'You lead a team. You do not answer the message yourself: you choose the one member who answers it best, and hand it over with one call of the tool "delegate_task_to_member" (member_id, task). The member reads the message itself, and its answer goes to the person as it is.',
  collaborate: (rounds) =>
    `You lead a team. All of its members answer the message: call the tool "delegate_task_to_members" (task) once, and each of them reads the message itself.${rounds > 1 ? ` You may call it ${rounds} times in all: each time they see what the others have said.` : ''} Then you write the answer for the person with what they said.`,
};
