import { setTimeout as delay } from 'node:timers/promises';
import type { Helper } from '../child.ts';
import type { BareAgentHandlers } from '../processes/bare-agent.ts';
import type { BareSandbox } from './bare-bubblewrap.ts';
import type { Run } from './runs.ts';
import { CODER, type CodingStage } from './stage.ts';

/** What the rounds of one driver gave, in milliseconds. */
export interface Starts {
  /** New tasks for which a sandbox waits. */
  warm: Started[];
  /** New tasks that wait for a sandbox. */
  cold: Started[];
  /** From the next message to its first word. */
  followUps: number[];
  bare: {
    sandbox: BareSandbox[];
    /** From starting Claude Code to its first word. */
    agent: number[];
    /** From a message to its first word, by a Claude Code that was started ahead. */
    ahead: number[];
    /** From the next message to the first word of a Claude Code that runs. */
    again: number[];
  };
  /** Bytes of a sandbox that waits, and of one whose Claude Code waits too. */
  memory: { executor: number; withAgent: number };
}

/** A new task: from sending it to the start of the engine's process, and to its first word. */
export interface Started {
  toEngine: number;
  first: number;
}

/** What one driver is measured with. */
export interface StartSettings {
  open: (warm: number) => Promise<CodingStage>;
  bareSandbox: () => Promise<BareSandbox>;
  bareAgent: Helper<BareAgentHandlers>;
  agent: AgentSetting;
  rounds: { warm: number; cold: number };
}

/** What Claude Code is started with outside of the platform. */
export type AgentSetting = Parameters<BareAgentHandlers['start']>[0];

const MESSAGE = { message: '[[say Ready.]]' } as const;
const NEW_TASK = { ...MESSAGE, team: CODER, type: 'chat' } as const;
const WARM_UP = 1;
/** What a start leaves to be done is done by then. */
const REST_MS = 500;

/** Starts tasks one at a time, each beside its limits: first with a sandbox that waits, then without. */
export async function measureStarts(settings: StartSettings): Promise<Starts> {
  const starts: Starts = {
    ...{ warm: [], cold: [], followUps: [] },
    bare: { sandbox: [], agent: [], ahead: [], again: [] },
    memory: { executor: 0, withAgent: 0 },
  };
  await measureWarm(settings, starts);
  await measureCold(settings, starts);
  return starts;
}

async function measureWarm({ open, bareAgent, agent, rounds }: StartSettings, starts: Starts): Promise<void> {
  const { warm, followUps, bare, memory } = starts;
  await bareAgent.call('keep', agent);
  await using stage = await open(1);
  await stage.settled();
  await delay(3 * REST_MS);
  memory.executor = residentBytes(await stage.processes());
  for (let round = 0; round < WARM_UP + rounds.warm; round += 1) {
    await stage.settled();
    await delay(REST_MS);
    const run = await stage.runs.run(NEW_TASK);
    const started = await startedOf(stage, run);
    const { asked, first } = await stage.runs.run({ ...MESSAGE, taskId: run.taskId });
    if (round === 0) {
      await delay(3 * REST_MS);
      // Another sandbox waits by now.
      memory.withAgent = residentBytes(await stage.processes()) - memory.executor;
    }
    await stage.remove(run.taskId);
    const alone = await bareAgent.call('start', agent);
    const ahead = await bareAgent.call('startAhead', agent);
    const again = await bareAgent.call('again', undefined);
    if (round < WARM_UP) continue;
    warm.push(started);
    followUps.push(first - asked);
    bare.agent.push(alone);
    bare.ahead.push(ahead);
    bare.again.push(again);
  }
  await bareAgent.call('close', undefined);
}

async function measureCold({ open, bareSandbox, rounds }: StartSettings, starts: Starts): Promise<void> {
  const { cold, bare } = starts;
  await using stage = await open(0);
  for (let round = 0; round < WARM_UP + rounds.cold; round += 1) {
    await stage.settled();
    await delay(REST_MS);
    const run = await stage.runs.run(NEW_TASK);
    const started = await startedOf(stage, run);
    await stage.remove(run.taskId);
    const sandbox = await bareSandbox();
    if (round < WARM_UP) continue;
    cold.push(started);
    bare.sandbox.push(sandbox);
  }
}

/** The engine's process stays up after the turn, so it can be looked at then. */
async function startedOf(stage: CodingStage, { asked, first }: Run): Promise<Started> {
  const agents = (await stage.processes()).filter(({ what }) => what === 'agent');
  const [agent] = agents;
  if (!agent || agents.length > 1)
    throw new Error(`${agents.length} processes of Claude Code where one should be`);
  return { toEngine: agent.startedAt - asked, first: first - asked };
}

function residentBytes(processes: readonly { residentBytes: number }[]): number {
  return processes.reduce((total, { residentBytes }) => total + residentBytes, 0);
}
