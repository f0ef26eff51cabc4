import { type Distribution, distributionOf } from '../distribution.ts';
import { megabytes } from '../figures.ts';
import { atMost, milliseconds, percentiles, type Row, ratio, timesAtBoth } from '../row.ts';
import type { Started, Starts } from './starts.ts';

/** Milliseconds until a new task has its engine. */
export interface StartAims {
  warm: number;
  cold: number;
}

/** The rows of one driver. */
export function startRows(
  { warm, cold, followUps, bare, memory }: Starts,
  given: { driver: string; bareSandbox: string; bareBytes: { node: number; agent: number }; aims: StartAims },
): Row[] {
  const { driver, bareSandbox, bareBytes, aims } = given;
  const agent = distributionOf(bare.agent);
  const own = distributionOf([...warm, ...cold].map(({ toEngine, first }) => first - Math.max(toEngine, 0)));
  return [
    {
      name: `${driver}, warm: to the engine`,
      ...beside(toEngineOf(warm), distributionOf(bare.sandbox.map(({ request }) => request))),
      limitName: `a request to ${bareSandbox}`,
      aim: atMost(toEngineOf(warm).p95, aims.warm, `p95 ≤ ${aims.warm} ms`),
    },
    {
      name: `${driver}, warm: to the first word`,
      ...beside(distributionOf(warm.map(({ first }) => first)), agent),
      limitName: 'Claude Code alone',
    },
    {
      name: `${driver}, cold: to the engine`,
      ...times(toEngineOf(cold), distributionOf(bare.sandbox.map(({ start }) => start))),
      limitName: `${bareSandbox}, new`,
      aim: atMost(toEngineOf(cold).p95, aims.cold, `p95 ≤ ${aims.cold} ms`),
    },
    {
      name: `${driver}, cold: to the first word`,
      ...beside(distributionOf(cold.map(({ first }) => first)), agent),
      limitName: 'Claude Code alone',
    },
    {
      name: `${driver}: Claude Code's own start`,
      ...times(own, agent),
      limitName: 'Claude Code alone',
    },
    {
      name: `${driver}, follow-up: to the first word`,
      ...beside(distributionOf(followUps), distributionOf(bare.again)),
      limitName: 'Claude Code alone, running',
    },
    memoryRow(`${driver}: memory, idle`, memory.executor, ['a bare node process', bareBytes.node]),
    memoryRow(`${driver}: memory, idle with Claude Code`, memory.withAgent, [
      'node and Claude Code alone',
      bareBytes.node + bareBytes.agent,
    ]),
  ];
}

/** What would be left of the engine's start if it had begun before the message: a property of the engine alone. */
export function aheadRow({ bare }: Pick<Starts, 'bare'>): Row {
  return {
    name: 'Claude Code alone, started ahead',
    ...times(distributionOf(bare.ahead), distributionOf(bare.agent)),
    limitName: 'Claude Code alone',
  };
}

function toEngineOf(starts: readonly Started[]): Distribution {
  // One that was started ahead is no wait.
  return distributionOf(starts.map(({ toEngine }) => Math.max(0, toEngine)));
}

type Compared = Pick<Row, 'measured' | 'limit' | 'comparison'>;

function beside(measured: Distribution, limit: Distribution): Compared {
  const over = (left: number, right: number) => `+${milliseconds(left - right)}`;
  return {
    measured: percentiles(measured),
    limit: percentiles(limit),
    comparison: `${over(measured.p50, limit.p50)} / ${over(measured.p95, limit.p95)} ms`,
  };
}

function times(measured: Distribution, limit: Distribution): Compared {
  return {
    measured: percentiles(measured),
    limit: percentiles(limit),
    comparison: timesAtBoth(measured, limit),
  };
}

function memoryRow(name: string, bytes: number, [limitName, limit]: readonly [string, number]): Row {
  return {
    name,
    measured: megabytes(bytes),
    limitName,
    limit: megabytes(limit),
    comparison: `×${ratio(bytes, limit)}`,
  };
}
