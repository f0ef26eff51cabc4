import type { CollaborationModel } from '@wegent/api';
import type { Locator } from 'playwright-core';
import type { HeldModel } from '../support/held-model.ts';
import type { Person } from '../support/person.ts';
import { memberPrompt } from '../support/team-script.ts';
import type { AppPage } from './app-page.ts';

/** A Team that a suite makes. */
export interface TeamWish {
  name: string;
  mode: CollaborationModel;
  members: readonly {
    name: string;
    leader?: boolean;
    confirm?: boolean;
    /** Its model cannot be reached. */
    mute?: boolean;
  }[];
  rounds?: number;
  displayName?: string;
  description?: string;
}

/** Teams of every mode, whose members a suite keeps waiting by name. */
export const TEAMS = {
  relay: {
    name: 'relay',
    mode: 'pipeline',
    members: [{ name: 'ann', confirm: true }, { name: 'ben' }, { name: 'cleo' }],
  },
  desk: {
    name: 'desk',
    mode: 'route',
    members: [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cleo' }],
  },
  crew: {
    name: 'crew',
    mode: 'coordinate',
    members: [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cleo' }],
  },
  panel: {
    name: 'panel',
    mode: 'collaborate',
    rounds: 2,
    members: [{ name: 'ann', leader: true }, { name: 'ben' }, { name: 'cleo' }],
  },
} as const satisfies Record<string, TeamWish>;

/** Makes Teams in the person's own namespace. */
export async function makeTeams(
  { api, user: { namespace } }: Person,
  model: HeldModel,
  teams: readonly TeamWish[],
): Promise<void> {
  await api.resources.apply(namespace, [
    document('Model', 'held', {
      modelConfig: {
        env: { model: 'openai', model_id: 'held', api_key: 'k', base_url: `${model.url}/v1` },
      },
    }),
    document('Model', 'mute', {
      modelConfig: {
        env: { model: 'openai', model_id: 'mute', api_key: 'k', base_url: 'http://127.0.0.1:9/v1' },
      },
    }),
    ...teams.flatMap(({ name, mode, members, rounds, displayName, description }) => [
      ...members.flatMap((member) => [
        document('Ghost', `${name}-${member.name}`, { systemPrompt: memberPrompt(name, member.name) }),
        document('Bot', `${name}-${member.name}`, {
          ghostRef: { name: `${name}-${member.name}` },
          shellRef: { name: 'Chat' },
          modelRef: { name: member.mute ? 'mute' : 'held' },
        }),
      ]),
      document(
        'Team',
        name,
        {
          collaborationModel: mode,
          ...(rounds === undefined ? {} : { rounds }),
          ...(description === undefined ? {} : { description }),
          members: members.map((member) => ({
            name: member.name,
            botRef: { name: `${name}-${member.name}` },
            ...(member.leader ? { role: 'leader' } : {}),
            ...(member.confirm ? { requireConfirmation: true } : {}),
          })),
        },
        displayName,
      ),
    ]),
  ]);
}

/** Makes an agent whose one Bot is a Dify application. */
export async function makeApplication(
  { api, user: { namespace } }: Person,
  { name, origin, key, displayName }: { name: string; origin: string; key: string; displayName?: string },
): Promise<void> {
  await api.resources.apply(namespace, [
    document('Model', name, { modelConfig: { env: { DIFY_API_KEY: key, DIFY_BASE_URL: origin } } }),
    document('Ghost', name, { systemPrompt: 'unused' }),
    document('Bot', name, { ghostRef: { name }, shellRef: { name: 'Dify' }, modelRef: { name } }),
    document('Team', name, { members: [{ botRef: { name } }] }, displayName),
  ]);
}

/** The turn of a Team on a screen. */
export function createTeamPage({ page, answers }: AppPage, answer: Locator = answers.last()) {
  const rail = answer.getByTestId('team-rail');
  const drawing = page.getByTestId('team-drawing');
  return {
    rail,
    drawing,
    /** What stands out as the answer. */
    words: answer.getByTestId('team-answer'),
    gate: answer.getByTestId('gate'),
    /** Runs of a member in the order of the turn; of one kind when it is named. */
    runs: (member: string, kind?: string) =>
      rail.locator(
        `[data-testid=member-run][data-member=${member}]${kind === undefined ? ':not([data-kind=gate])' : `[data-kind=${kind}]`}`,
      ),
    /** Who is lit in the drawing. */
    lit: () =>
      drawing
        .locator('[data-lit=true]')
        .evaluateAll((nodes) => nodes.map((node) => node.getAttribute('data-member'))),
    toggleDrawing: () => rail.getByTestId('toggle-drawing').click(),
    /** Opens the fold of a turn that is over. */
    unfold: async () => {
      const toggle = rail.getByTestId('rail-toggle');
      if ((await toggle.getAttribute('aria-expanded')) === 'false') await toggle.click();
    },
    /** All runs as they are told, from top to bottom. */
    told: () =>
      rail
        .getByTestId('member-run')
        .evaluateAll((rows) =>
          rows.map((row) => `${row.dataset.member} ${row.dataset.kind} ${row.dataset.state}`),
        ),
  };
}

/** Waits until a run has a state. */
export async function untilState(run: Locator, state: string): Promise<void> {
  await run.and(run.page().locator(`[data-state=${state}]`)).waitFor();
}

function document(kind: string, name: string, spec: object, displayName?: string) {
  const annotations =
    displayName === undefined ? {} : { annotations: { 'agent.wecode.io/display-name': displayName } };
  return { apiVersion: 'agent.wecode.io/v1', kind, metadata: { name, ...annotations }, spec };
}
