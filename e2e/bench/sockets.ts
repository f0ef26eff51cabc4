import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '@wegent/testing';
import { type Helper, startHelper } from './child.ts';
import type { BenchConfig } from './config.ts';
import { median, medianOf } from './distribution.ts';
import { cpuSecondsOf, type Figures, megabytes, readFigures } from './figures.ts';
import { MODEL, registerModel } from './model.ts';
import type { ModelServerHandlers } from './processes/model-server.ts';
import type { SocketLimitHandlers } from './processes/socket-limit.ts';
import type { SocketLoadHandlers, StreamResult } from './processes/socket-load.ts';
import { startProduct } from './product.ts';
import { atMost, type Group, milliseconds, percentiles, type Row, ratio, timesAtBoth } from './row.ts';
import { type Person, seed, seedPeople, TEAM } from './seed.ts';

const SOCKETS = 1_000;
const STREAMS = 200;
const PACE = 30;
const AIM_DELTA_MS = 50;
/** Before anything counts: a server that has just started runs code that is not optimised yet. */
const WARM_UP_MS = 6_000;
/** Streams begin within this time, so that not all send at one moment. */
const RAMP_MS = 2_000;

/** Many people at once, each with a socket; some of them get answers. */
export const sockets: Group = {
  name: 'sockets',
  says: `${SOCKETS} sockets, ${STREAMS} streams of ${PACE} tokens/s`,
  run,
};

/** One run with what the serving process spent on it. */
interface Run extends StreamResult {
  /** Share of one core. */
  cpu: number;
  residentBytes: number;
  /** Delay of the event loop at p99, ms. */
  loopDelay: number;
}

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  const runs = quick ? 1 : 3;
  const windowMs = quick ? 5_000 : 8_000;
  const limits = await runLimit(runs, windowMs);
  const measured = await runProduct(environment, runs, windowMs);
  return rowsOf(measured, limits);
}

async function runLimit(runs: number, windowMs: number): Promise<Run[]> {
  await using server = startHelper<SocketLimitHandlers>('socket-limit.ts');
  await using load = startHelper<SocketLoadHandlers>('socket-load.ts');
  const url = await server.call('listen', undefined);
  await load.call('connect', { url, tokens: Array.from({ length: SOCKETS }, () => 'anybody') });
  const served = {
    pid: server.pid,
    figures: async () => ({
      residentBytes: await server.call('memory', undefined),
      loopDelayP99: Number.NaN,
    }),
  };
  await measure(load, WARM_UP_MS, served);
  return await repeat(runs, () => measure(load, windowMs, served));
}

async function runProduct(environment: NodeJS.ProcessEnv, runs: number, windowMs: number): Promise<Run[]> {
  await using folder = await temporaryFolder();
  const people = await seed(folder.path, (store) => seedPeople(store, SOCKETS));
  await using product = await startProduct({ dataDir: folder.path, environment });
  await using modelServer = startHelper<ModelServerHandlers>('model-server.ts');
  await using load = startHelper<SocketLoadHandlers>('socket-load.ts');
  await registerModel(product.url, firstOf(people), await modelServer.call('listen', undefined));
  await load.call('connect', { url: product.url, tokens: people.map(({ token }) => token) });
  const served = { pid: product.pid, figures: () => readFigures(product.url) };
  await measure(load, WARM_UP_MS, served);
  return await repeat(runs, () => measure(load, windowMs, served));
}

/** The process under load, and how to ask for its figures; asking resets the delay of its event loop. */
interface Served {
  pid: number;
  figures: () => Promise<Pick<Figures, 'residentBytes' | 'loopDelayP99'>>;
}

async function measure(load: Helper<SocketLoadHandlers>, windowMs: number, served: Served): Promise<Run> {
  const words = Math.round(((RAMP_MS + windowMs) / 1000) * PACE);
  const sends = Array.from({ length: STREAMS }, () => ({
    clientMessageId: randomUUID(),
    team: TEAM,
    message: `${words} words at ${PACE} words per second`,
    modelOverride: MODEL,
  }));
  const streaming = load.call('stream', { sends, rampMs: RAMP_MS, windowMs });
  const [result, spent] = await Promise.all([streaming, spentWithin(windowMs, served)]);
  if (result.completed !== STREAMS)
    throw new Error(`${result.completed} of ${STREAMS} streams were completed`);
  return { ...result, ...spent };
}

async function spentWithin(windowMs: number, { pid, figures }: Served) {
  await delay(RAMP_MS);
  void figures();
  const before = await cpuSecondsOf(pid);
  const from = performance.now();
  await delay(windowMs);
  const cpu = ((await cpuSecondsOf(pid)) - before) / ((performance.now() - from) / 1000);
  const { residentBytes, loopDelayP99 } = await figures();
  return { cpu, residentBytes, loopDelay: loopDelayP99 * 1000 };
}

async function repeat(times: number, work: () => Promise<Run>): Promise<Run[]> {
  const results: Run[] = [];
  for (let index = 0; index < times; index += 1) results.push(await work());
  return results;
}

function firstOf(people: readonly Person[]): Person {
  const [first] = people;
  if (!first) throw new Error('nobody was seeded');
  return first;
}

function rowsOf(measured: readonly Run[], limits: readonly Run[]): Row[] {
  const limitName = 'bare Socket.IO, the same payloads';
  const delays = medianOf(measured.map((each) => each.delays));
  const limitDelay = medianOf(limits.map((each) => each.delays));
  const middle = (runs: readonly Run[], of: (each: Run) => number) => median(runs.map(of));
  const compare = (name: string, of: (each: Run) => number, format: (value: number) => string): Row => ({
    name,
    measured: format(middle(measured, of)),
    limitName,
    limit: format(middle(limits, of)),
    comparison: `×${ratio(middle(measured, of), middle(limits, of))}`,
  });
  return [
    {
      name: `delta, ${SOCKETS} sockets, ${STREAMS} streams`,
      measured: percentiles(delays),
      limitName,
      limit: percentiles(limitDelay),
      comparison: timesAtBoth(delays, limitDelay),
      aim: atMost(delays.p95, AIM_DELTA_MS, `p95 ≤ ${AIM_DELTA_MS} ms`),
    },
    compare(
      'deltas delivered',
      (each) => each.deltasPerSecond,
      (value) => `${Math.round(value)}/s`,
    ),
    compare(
      'socket events delivered',
      (each) => each.eventsPerSecond,
      (value) => `${Math.round(value)}/s`,
    ),
    compare(
      'CPU of the server',
      (each) => each.cpu,
      (value) => `${Math.round(value * 100)} % of a core`,
    ),
    compare('loaded memory', (each) => each.residentBytes, megabytes),
    {
      name: 'event loop delay p99',
      measured: `${milliseconds(middle(measured, (each) => each.loopDelay))} ms`,
      limitName: '',
      limit: '',
      comparison: '',
    },
  ];
}
