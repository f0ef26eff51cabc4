import type { TaskItem } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useTeams } from '../agents/use-teams.ts';
import type { Mentionable } from './mention-menu.tsx';

/** Who can be called in a group chat: the agent, its members, and the people. */
export function useMentions(task: TaskItem): readonly Mentionable[] {
  const { t } = useTranslation('chat');
  const { data } = useTeams();
  const { team, owner, spec } = task;
  const agent = data?.find(({ name, namespace }) => name === team?.name && namespace === team.namespace);
  const members = agent && agent.spec.members.length > 1 ? agent.spec.members : [];
  const people = [...(owner ? [owner.name] : []), ...(spec.participants ?? [])];
  const all: Mentionable[] = [
    {
      name: team?.name ?? spec.teamRef.name,
      detail: t('mentionAgent', { name: agent?.displayName ?? team?.displayName ?? '' }),
      icon: agent?.spec.icon,
    },
    ...members.map(({ name, botRef }) => ({ name: name ?? botRef.name, detail: t('mentionMember') })),
    ...people.map((name) => ({ name, detail: t('mentionPerson') })),
  ];
  return all.filter(({ name }, index) => all.findIndex((other) => other.name === name) === index);
}
