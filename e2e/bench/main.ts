import os from 'node:os';
import { coding } from './coding.ts';
import { readBenchConfig } from './config.ts';
import { firstToken } from './first-token.ts';
import { kube } from './kube.ts';
import { resources } from './resources.ts';
import type { Group, Row } from './row.ts';
import { sockets } from './sockets.ts';
import { startAndMemory } from './start-and-memory.ts';
import { formatTable } from './table.ts';
import { taskList } from './task-list.ts';
import { teams } from './teams.ts';

/**
 * `npm run bench -- [name …] [--quick]`: measures the bundled product beside its limits and prints a table.
 * It fails when something breaks, never because something is slow. docs/performance.md says how to read it.
 */
const GROUPS: readonly Group[] = [
  startAndMemory,
  resources,
  kube,
  firstToken,
  taskList,
  teams,
  sockets,
  coding,
];

const started = performance.now();
try {
  const config = readBenchConfig(GROUPS.map((group) => group.name));
  const rows: Row[] = [];
  for (const group of GROUPS) {
    if (config.only.length > 0 && !config.only.includes(group.name)) continue;
    process.stderr.write(`bench: ${group.name}: ${group.says} …\n`);
    rows.push(...(await group.run(config)));
  }
  process.stdout.write(`\n${formatTable(rows)}\n\n${conditions(config.quick)}\n`);
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`);
  process.exitCode = 1;
}

function conditions(quick: boolean): string {
  const cores = os.availableParallelism();
  const load = os.loadavg()[0]?.toFixed(1);
  const seconds = Math.round((performance.now() - started) / 1000);
  return [
    `${new Date().toISOString().slice(0, 10)}, Node ${process.versions.node}, ${cores} cores (${os.cpus()[0]?.model.trim()}), load ${load}, ${seconds} s${quick ? ', quick' : ''}.`,
    'Product, load generators, model and limits share these cores, so figures under load hold the cost of all of them.',
    'Durations are p50 / p95 / p99, the median over repeated runs. Compare ratios before milliseconds.',
  ].join('\n');
}
