import { randomUUID } from 'node:crypto';
import { temporaryFolder } from '@wegent/testing';
import { type Helper, startHelper } from './child.ts';
import type { BenchConfig } from './config.ts';
import { median, medianOf } from './distribution.ts';
import { megabytes, readFigures } from './figures.ts';
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
  const figures = async () => ({ ...(await server.call('figures', undefined)), loopDelayP99: Number.NaN });
  return await repeat(runs, () => measure(load, windowMs, figures));
}

async function runProduct(environment: NodeJS.ProcessEnv, runs: number, windowMs: number): Promise<Run[]> {
  await using folder = await temporaryFolder();
  const people = await seed(folder.path, (store) => seedPeople(store, SOCKETS));
  await using product = await startProduct({ dataDir: folder.path, environment });
  await using modelServer = startHelper<ModelServerHandlers>('model-server.ts');
  await using load = startHelper<SocketLoadHandlers>('socket-load.ts');
  await registerModel(product.url, firstOf(people), await modelServer.call('listen', undefined));
  await load.call('connect', { url: product.url, tokens: people.map(({ token }) => token) });
  return await repeat(runs, () => measure(load, windowMs, () => readFigures(product.url)));
}

async function measure(
  load: Helper<SocketLoadHandlers>,
  windowMs: number,
  figures: () => Promise<{ cpuSeconds: number; residentBytes: number; loopDelayP99: number }>,
): Promise<Run> {
  const words = Math.round(((RAMP_MS + windowMs) / 1000) * PACE);
  const sends = Array.from({ length: STREAMS }, () => ({
    clientMessageId: randomUUID(),
    team: TEAM,
    message: `${words} words at ${PACE} words per second`,
    modelOverride: MODEL,
  }));
  const streaming = load.call('stream', { sends, rampMs: RAMP_MS, windowMs });
  const [result, spent] = await Promise.all([streaming, spentWithin(windowMs, figures)]);
  if (result.completed !== STREAMS)
    throw new Error(`${result.completed} of ${STREAMS} streams were completed`);
  return { ...result, ...spent };
}

async function spentWithin(
  windowMs: number,
  figures: () => Promise<{ cpuSeconds: number; residentBytes: number; loopDelayP99: number }>,
) {
  await new Promise((resolve) => setTimeout(resolve, RAMP_MS));
  const from = performance.now();
  const before = await figures();
  await new Promise((resolve) => setTimeout(resolve, windowMs));
  const after = await figures();
  const seconds = (performance.now() - from) / 1000;
  return {
    cpu: (after.cpuSeconds - before.cpuSeconds) / seconds,
    residentBytes: after.residentBytes,
    loopDelay: after.loopDelayP99 * 1000,
  };
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
  const delay = medianOf(measured.map((each) => each.delays));
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
      measured: percentiles(delay),
      limitName,
      limit: percentiles(limitDelay),
      comparison: timesAtBoth(delay, limitDelay),
      aim: atMost(delay.p95, AIM_DELTA_MS, `p95 ≤ ${AIM_DELTA_MS} ms`),
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
