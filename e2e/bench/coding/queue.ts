import type { Helper } from '../child.ts';
import type { BareAgentHandlers } from '../processes/bare-agent.ts';
import { type Row, ratio } from '../row.ts';
import type { Run } from './runs.ts';
import { CODER, type CodingStage } from './stage.ts';
import type { AgentSetting } from './starts.ts';

const TASKS = 20;

/** More tasks at once than there are places, beside as many loops that run Claude Code alone. */
export async function measureQueue({
  stage,
  limit,
  bareAgent,
  agent,
}: {
  stage: CodingStage;
  limit: number;
  bareAgent: Helper<BareAgentHandlers>;
  agent: AgentSetting;
}): Promise<Row[]> {
  await stage.settled();
  const sent: Promise<Run>[] = [];
  const from = performance.now();
  for (let index = 0; index < TASKS; index += 1) {
    sent.push(
      stage.runs.run({ team: CODER, type: 'chat', message: '[[say Ready.]]', title: `Task ${index}` }),
    );
  }
  const runs = await Promise.all(sent);
  const total = performance.now() - from;
  const bare = await bareAgent.call('many', { setting: agent, count: TASKS, loops: limit });
  const starts = runs.map(({ started }) => started);
  const inOrder = starts.filter((at, index) =>
    starts.slice(0, index).every((earlier) => earlier <= at),
  ).length;
  const most = mostAtOnce(runs);
  return [
    {
      name: `${TASKS} tasks at once, places for ${limit}`,
      measured: `${(total / 1000).toFixed(1)} s`,
      limitName: `Claude Code alone, ${limit} loops`,
      limit: `${(bare / 1000).toFixed(1)} s`,
      comparison: `×${ratio(total, bare)}`,
    },
    {
      name: 'of them at work at once, at most',
      measured: String(most),
      limitName: 'places',
      limit: String(limit),
      comparison: `×${ratio(most, limit)}`,
      aim: { text: `≤ ${limit}`, met: most <= limit },
    },
    {
      name: 'of them begun in the order they came in',
      measured: String(inOrder),
      limitName: 'tasks',
      limit: String(TASKS),
      comparison: `×${ratio(inOrder, TASKS)}`,
      aim: { text: `${TASKS}`, met: inOrder === TASKS },
    },
  ];
}

/** An end and a beginning at the same moment do not overlap. */
function mostAtOnce(runs: readonly Run[]): number {
  const steps = runs
    .flatMap(({ started, ended }) => [
      { at: started, by: 1 },
      { at: ended, by: -1 },
    ])
    .toSorted((left, right) => left.at - right.at || left.by - right.by);
  let now = 0;
  let most = 0;
  for (const { by } of steps) {
    now += by;
    most = Math.max(most, now);
  }
  return most;
}
