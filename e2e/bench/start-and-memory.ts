import { setTimeout as delay } from 'node:timers/promises';
import { temporaryFolder } from '@wegent/testing';
import { startHelper } from './child.ts';
import type { BenchConfig } from './config.ts';
import { median } from './distribution.ts';
import { megabytes, readFigures } from './figures.ts';
import type { IdleLimitHandlers } from './processes/idle-limit.ts';
import { startProduct } from './product.ts';
import { atMost, type Group, type Row, ratio } from './row.ts';

const AIM_MEGABYTES = 180;
const AIM_SECOND_START_MS = 3_000;

/** Starts on an empty and on a used data folder, and the memory of a product that nobody uses. */
export const startAndMemory: Group = { name: 'start', says: 'start time and idle memory', run };

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  const runs = quick ? 1 : 3;
  const first: number[] = [];
  const second: number[] = [];
  const bare: number[] = [];
  let limitBytes = 0;
  for (let index = 0; index < runs; index += 1) {
    await using folder = await temporaryFolder();
    for (const times of [first, second]) {
      await using product = await startProduct({ dataDir: folder.path, environment });
      times.push(product.startMs);
    }
    const started = performance.now();
    await using limit = startHelper<IdleLimitHandlers>('idle-limit.ts');
    limitBytes = await limit.call('listen', undefined);
    bare.push(performance.now() - started);
  }
  const idleBytes = await idleMemory(environment, quick ? 3_000 : 10_000);
  return [
    startRow('first start, empty folder', median(first), median(bare)),
    {
      ...startRow('second start', median(second), median(bare)),
      aim: atMost(median(second), AIM_SECOND_START_MS, '< 3 s'),
    },
    {
      name: 'idle memory',
      measured: megabytes(idleBytes),
      limitName: 'bare node:http process',
      limit: megabytes(limitBytes),
      comparison: `×${ratio(idleBytes, limitBytes)}`,
      aim: atMost(idleBytes / 1024 / 1024, AIM_MEGABYTES, `≤ ${AIM_MEGABYTES} MB`),
    },
  ];
}

function startRow(name: string, milliseconds: number, limit: number): Row {
  return {
    name,
    measured: `${(milliseconds / 1000).toFixed(2)} s`,
    limitName: 'bare node:http process',
    limit: `${(limit / 1000).toFixed(2)} s`,
    comparison: `×${ratio(milliseconds, limit)}`,
  };
}

async function idleMemory(environment: NodeJS.ProcessEnv, afterMs: number): Promise<number> {
  await using folder = await temporaryFolder();
  await using product = await startProduct({ dataDir: folder.path, environment });
  await delay(afterMs);
  return (await readFigures(product.url)).residentBytes;
}
