import { API_VERSION } from '@wegent/api';
import { memberPrompt } from '../../support/team-script.ts';

/** A member of a Team; the first one leads, where the mode has a leader. */
export interface MemberWish {
  name: string;
  prompt: string;
}

/** Members with one prompt each. `say` is what they are told besides who they are. */
export function membersOf(team: string, names: readonly string[], say = ''): MemberWish[] {
  return names.map((name) => ({ name, prompt: `${memberPrompt(team, name)} ${say}`.trim() }));
}

/** A Team of Chat Bots, with all that they are made of. */
export function teamDocuments({
  name,
  mode,
  members,
  model,
  rounds,
}: {
  name: string;
  mode: string;
  members: readonly MemberWish[];
  model: string;
  rounds?: number;
}): object[] {
  const object = (kind: string, own: string, spec: object) => ({
    apiVersion: API_VERSION,
    kind,
    metadata: { name: own, namespace: 'default' },
    spec,
  });
  const hasLeader = mode !== 'pipeline';
  return [
    ...members.flatMap((member) => [
      object('Ghost', `${name}-${member.name}`, { systemPrompt: member.prompt }),
      object('Bot', `${name}-${member.name}`, {
        ghostRef: { name: `${name}-${member.name}` },
        shellRef: { name: 'Chat' },
        modelRef: { name: model },
      }),
    ]),
    object('Team', name, {
      collaborationModel: mode,
      ...(rounds === undefined ? {} : { rounds }),
      limits: { parallel: members.length, delegations: 50 },
      members: members.map((member, index) => ({
        name: member.name,
        description: `Does what ${member.name} does.`,
        botRef: { name: `${name}-${member.name}` },
        ...(hasLeader && index === 0 ? { role: 'leader' } : {}),
      })),
    }),
  ];
}
