import { temporaryFolder } from '@wegent/testing';
import { startHelper } from './child.ts';
import type { BenchConfig } from './config.ts';
import { type Distribution, distributionOf, medianOf } from './distribution.ts';
import { readFigures } from './figures.ts';
import type { HttpLimitHandlers } from './processes/http-limit.ts';
import type { HttpLoadHandlers } from './processes/http-load.ts';
import { startProduct } from './product.ts';
import { atMost, type Group, percentiles, type Row, timesAtBoth } from './row.ts';
import { seed, seedPeople, seedTasks } from './seed.ts';

const TASKS = 10_000;
const PER_SECOND = 50;
const PAGE = '/api/v1/tasks?limit=50';

/** The first page of the task list of somebody who has many. */
export const taskList: Group = {
  name: 'task-list',
  says: `a page of 50 out of ${TASKS.toLocaleString('en')} tasks at ${PER_SECOND} requests/s`,
  run,
};

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  const [runs, seconds] = quick ? [1, 3] : [3, 4];
  await using folder = await temporaryFolder();
  const person = await seed(folder.path, async (store) => {
    const [owner] = await seedPeople(store, 1);
    if (!owner) throw new Error('nobody was seeded');
    await seedTasks(store, owner, TASKS);
    return owner;
  });
  await using product = await startProduct({ dataDir: folder.path, environment });
  const headers = { authorization: `Bearer ${person.token}` };
  const body = await (await fetch(`${product.url}${PAGE}`, { headers })).text();
  await using limitServer = startHelper<HttpLimitHandlers>('http-limit.ts');
  const limitUrl = await limitServer.call('listen', {
    [`GET ${PAGE}`]: { status: 200, headers: { 'content-type': 'application/json; charset=utf-8' }, body },
  });
  await using load = startHelper<HttpLoadHandlers>('http-load.ts');
  const drive = async (origin: string, length: number): Promise<Distribution> => {
    const timing = { perSecond: PER_SECOND, seconds: length, from: 0 };
    const { samples, outcomes } = await load.call('run', {
      url: `${origin}${PAGE}`,
      method: 'GET',
      headers,
      ...timing,
    });
    if (outcomes['200'] !== samples.length)
      throw new Error(`the task list failed: ${JSON.stringify(outcomes)}`);
    return distributionOf(samples);
  };
  await drive(product.url, 1);
  const measured: Distribution[] = [];
  const limits: Distribution[] = [];
  let statements = 0;
  for (let index = 0; index < runs; index += 1) {
    const before = await readFigures(product.url);
    measured.push(await drive(product.url, seconds));
    statements += (await readFigures(product.url)).sqlStatements - before.sqlStatements;
    limits.push(await drive(limitUrl, seconds));
  }
  return rowsOf(medianOf(measured), medianOf(limits), statements, body.length);
}

function rowsOf(measured: Distribution, limit: Distribution, statements: number, bytes: number): Row[] {
  const each = statements / measured.count;
  return [
    {
      name: `task list, ${TASKS} tasks`,
      measured: percentiles(measured),
      limitName: `bare node:http, the same ${bytes} bytes`,
      limit: percentiles(limit),
      comparison: timesAtBoth(measured, limit),
      aim: atMost(measured.p95, 20, 'p95 ≤ 20 ms'),
    },
    {
      name: 'SQL statements of a task list',
      measured: each.toFixed(2),
      limitName: 'one',
      limit: '1',
      comparison: `×${each.toFixed(1)}`,
      aim: atMost(each, 3, '≤ 3'),
    },
  ];
}
