import { createApiClient } from '@wegent/client';
import { temporaryFolder } from '@wegent/testing';
import { type Helper, startHelper } from './child.ts';
import type { BenchConfig } from './config.ts';
import { distributionOf } from './distribution.ts';
import type { BareTeamHandlers } from './processes/bare-team.ts';
import type { ModelCall, TeamModelHandlers } from './processes/team-model.ts';
import { startProduct } from './product.ts';
import { type Group, milliseconds, percentiles, type Row } from './row.ts';
import { seed, seedPeople } from './seed.ts';
import { gapsOf, type Hop } from './teams/hops.ts';
import { type MemberWish, membersOf, teamDocuments } from './teams/team-documents.ts';
import { connectTurns, type Turns } from './teams/turns.ts';

const AIM_STEP_MS = 30;
const AIM_PARALLEL = 1.1;
const WARM_UP = 5;

/** Turns of Teams, one at a time, each beside the same runs of the bare engine. */
export const teams: Group = {
  name: 'teams',
  says: 'from step to step of a turn, and eight members at once, over the bare engine',
  run,
};

/** A Team whose hand-overs are timed. */
interface Case {
  name: string;
  mode: 'pipeline' | 'route' | 'collaborate' | 'coordinate';
  members: MemberWish[];
  rounds?: number;
  hop: Hop;
  bare: (
    helper: Helper<BareTeamHandlers>,
    setting: { modelUrl: string; members: MemberWish[] },
  ) => Promise<void>;
}

const CASES: readonly Case[] = [
  {
    name: 'stage to stage of a pipeline',
    mode: 'pipeline',
    members: membersOf('pipeline', ['one', 'two', 'three', 'four']),
    hop: 'each',
    bare: (helper, setting) => helper.call('inTurn', setting),
  },
  {
    name: 'choice to answer of a route',
    mode: 'route',
    members: membersOf('route', ['leader', 'member']),
    hop: 'each',
    bare: (helper, setting) => helper.call('inTurn', setting),
  },
  {
    name: 'round to round of three members',
    mode: 'collaborate',
    members: membersOf('collaborate', ['leader', 'one', 'two', 'three']),
    rounds: 2,
    hop: 'round',
    bare: (helper, setting) => helper.call('inRounds', { ...setting, rounds: 2 }),
  },
  {
    name: 'leader to member and back',
    mode: 'coordinate',
    members: membersOf('coordinate', ['leader', 'member']),
    hop: 'each',
    bare: (helper, setting) => helper.call('led', setting),
  },
];
const CROWD_WORDS = 60;
const CROWD_PACE = 30;
const CROWD = [
  ...membersOf('crowd', ['leader']),
  ...membersOf(
    'crowd',
    Array.from({ length: 8 }, (_, index) => `member-${index + 1}`),
    `Say ${CROWD_WORDS} words at ${CROWD_PACE} words per second.`,
  ),
];

/** What all cases share. */
interface Setting {
  turns: Turns;
  model: Helper<TeamModelHandlers>;
  bare: Helper<BareTeamHandlers>;
  modelUrl: string;
}

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  await using folder = await temporaryFolder();
  const [person] = await seed(folder.path, (store) => seedPeople(store, 1));
  if (!person) throw new Error('nobody was seeded');
  await using product = await startProduct({ dataDir: folder.path, environment });
  await using model = startHelper<TeamModelHandlers>('team-model.ts');
  await using bare = startHelper<BareTeamHandlers>('bare-team.ts');
  const modelUrl = await model.call('listen', undefined);
  const { http } = createApiClient({ baseUrl: product.url, getAccessToken: () => person.token });
  await http.request('POST', `/api/v1/namespaces/${person.namespace}/apply`, { body: documents(modelUrl) });
  using turns = await connectTurns(product.url, person.token);
  const setting = { turns, model, bare, modelUrl };
  const rows: Row[] = [];
  for (const each of CASES) rows.push(await measureHops(each, setting, quick ? 12 : 50));
  rows.push(await measureCrowd(setting, quick ? 3 : 8));
  return rows;
}

function documents(modelUrl: string): object[] {
  const env = { model: 'openai', model_id: 'scripted', base_url: `${modelUrl}/v1`, api_key: 'any' };
  const model = { name: 'scripted', namespace: 'default' };
  return [
    {
      apiVersion: 'agent.wecode.io/v1',
      kind: 'Model',
      metadata: model,
      spec: { modelConfig: { env } },
    },
    ...CASES.flatMap(({ mode, members, rounds }) =>
      teamDocuments({ name: mode, mode, members, model: model.name, ...(rounds ? { rounds } : {}) }),
    ),
    ...teamDocuments({ name: 'crowd', mode: 'collaborate', members: CROWD, model: model.name, rounds: 1 }),
  ];
}

/** From the last byte of what a step waits for to its own question: what lies between is nobody's work but ours. */
async function measureHops(
  { name, mode, members, hop, bare }: Case,
  setting: Setting,
  count: number,
): Promise<Row> {
  const { turns, model, modelUrl } = setting;
  const measured: number[] = [];
  const limits: number[] = [];
  for (let index = 0; index < WARM_UP + count; index += 1) {
    await bare(setting.bare, { modelUrl, members });
    const alone = gapsOf(await model.call('take', undefined), hop);
    await turns.turn({ name: mode, namespace: 'default' }, 'Go.');
    const ours = gapsOf(await model.call('take', undefined), hop);
    if (ours.length !== alone.length)
      throw new Error(`${name}: ${ours.length} hand-overs, and ${alone.length} of the bare engine`);
    if (index < WARM_UP) continue;
    limits.push(...alone);
    measured.push(...ours);
  }
  const [ours, alone] = [distributionOf(measured), distributionOf(limits)];
  const over = { p50: ours.p50 - alone.p50, p95: ours.p95 - alone.p95 };
  return {
    name,
    measured: percentiles(ours),
    limitName: 'the bare engine, run after run',
    limit: percentiles(alone),
    comparison: `+${milliseconds(over.p50)} / +${milliseconds(over.p95)} ms`,
    aim: { text: `p95 ≤ +${AIM_STEP_MS} ms`, met: over.p95 <= AIM_STEP_MS },
  };
}

/** Eight members at once: from sending the message to the question of the leader, who waits for all of them. */
async function measureCrowd({ turns, model, bare, modelUrl }: Setting, count: number): Promise<Row> {
  const measured: number[] = [];
  const slowest: number[] = [];
  for (let index = 0; index < 1 + count; index += 1) {
    await bare.call('inTurn', { modelUrl, members: CROWD.slice(-1) });
    const [alone] = await model.call('take', undefined);
    const asked = await turns.turn({ name: 'crowd', namespace: 'default' }, 'Go.');
    const calls = await model.call('take', undefined);
    const leader = calls.find(({ member }) => member === 'leader');
    if (!alone || !leader || calls.length !== CROWD.length)
      throw new Error(`${calls.length} of ${CROWD.length} members asked the model`);
    if (index === 0) continue;
    measured.push(leader.arrived - asked);
    slowest.push(lengthOf(alone));
  }
  const [ours, alone] = [distributionOf(measured), distributionOf(slowest)];
  return {
    name: 'eight members at once, until all have answered',
    measured: percentiles(ours),
    limitName: 'one of them, alone in the bare engine',
    limit: percentiles(alone),
    comparison: `×${(ours.p50 / alone.p50).toFixed(2)} / ×${(ours.p95 / alone.p95).toFixed(2)}`,
    aim: { text: `p95 ≤ ×${AIM_PARALLEL}`, met: ours.p95 <= alone.p95 * AIM_PARALLEL },
  };
}

function lengthOf({ arrived, ended }: ModelCall): number {
  return ended - arrived;
}
