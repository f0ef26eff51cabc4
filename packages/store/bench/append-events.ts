/**
 * Measures `events.append`: groups of 100–200 batches of 1–3 events, from 200 runs in 200 tasks.
 * `node packages/store/bench/append-events.ts [database URL] [groups]`; without a URL a file of SQLite.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { ExecutionEvent } from '@wegent/api';
import { openStore } from '../src/index.ts';
import { storeRun } from '../test/fixtures.ts';

const RUNS = 200;
const folder = await mkdtemp(join(tmpdir(), 'wegent-bench-'));
const [url = `sqlite:${join(folder, 'bench.db')}`, groups = '300'] = process.argv.slice(2);

let statements = 0;
const store = await openStore({
  url,
  onQuery: () => {
    statements += 1;
  },
});
const runs = await Promise.all(Array.from({ length: RUNS }, () => storeRun(store)));
const seqs = new Map(runs.map((run) => [run.id, 0]));
const event: ExecutionEvent = {
  type: 'text-delta',
  blockId: 'b1',
  text: 'A few words that a model has written, ',
};

const times: number[] = [];
let events = 0;
statements = 0;
const before = process.cpuUsage();
for (let group = 0; group < Number(groups); group += 1) {
  const size = 100 + (group % 101);
  const batches = Array.from({ length: size }, (_, index) => {
    const run = runs[(group * 7 + index) % RUNS];
    if (!run) throw new Error('no such run');
    const count = 1 + ((group + index) % 3);
    const firstSeq = (seqs.get(run.id) ?? 0) + 1;
    seqs.set(run.id, firstSeq + count - 1);
    events += count;
    return { executionId: run.id, attempt: 1, firstSeq, events: Array.from({ length: count }, () => event) };
  });
  const began = performance.now();
  const results = await store.events.append(batches, Date.now());
  times.push(performance.now() - began);
  if (results.some((result) => result.status !== 'appended')) throw new Error('a batch was refused');
}
const cpu = process.cpuUsage(before);
const busy = (cpu.user + cpu.system) / 1000;
times.sort((left, right) => left - right);
const total = times.reduce((sum, time) => sum + time, 0);
const at = (share: number): string => (times[Math.floor(times.length * share)] ?? 0).toFixed(1);
console.log(
  `${events} events in ${(total / 1000).toFixed(2)} s = ${Math.round((events / total) * 1000)} events/s (${Math.round((events / busy) * 1000)} per second of processor time); ` +
    `append p50 ${at(0.5)} ms, p95 ${at(0.95)} ms; ${(statements / times.length).toFixed(1)} statements each`,
);
await store.close();
await rm(folder, { recursive: true });
