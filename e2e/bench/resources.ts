import path from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { API_VERSION } from '@wegent/api';
import { temporaryFolder } from '@wegent/testing';
import { type Helper, startHelper } from './child.ts';
import type { BenchConfig } from './config.ts';
import { type Distribution, distributionOf, medianOf } from './distribution.ts';
import type { HttpLimitHandlers } from './processes/http-limit.ts';
import type { HttpLoad, HttpLoadHandlers } from './processes/http-load.ts';
import { startProduct } from './product.ts';
import { atMost, type Group, percentiles, type Row, timesAtBoth } from './row.ts';
import { seed, seedPeople } from './seed.ts';

const PER_SECOND = 500;
const OBJECTS = 100;
const AIM_MS = 15;
const BARE_INSERTS = 2_000;

/** Reading, listing and creating objects over HTTP. */
export const resources: Group = {
  name: 'resources',
  says: `get, list of ${OBJECTS} objects and create at ${PER_SECOND} requests/s`,
  run,
};

type Verb = 'get' | 'list' | 'create';
type Ask = Pick<HttpLoad, 'url' | 'method' | 'headers' | 'body'>;

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  const [runs, seconds] = quick ? [1, 2] : [3, 4];
  await using folder = await temporaryFolder();
  const [person] = await seed(folder.path, (store) => seedPeople(store, 1));
  if (!person) throw new Error('nobody was seeded');
  await using product = await startProduct({ dataDir: folder.path, environment });
  const asks = asksOf(product.url, person.namespace, person.token);
  for (let number = 0; number < OBJECTS; number += 1) await answerTo(asks.create, `seed-${number}`);
  const answers = {
    get: await answerTo(asks.get, ''),
    list: await answerTo(asks.list, ''),
    create: await answerTo(asks.create, 'example'),
  };
  await using limitServer = startHelper<HttpLimitHandlers>('http-limit.ts');
  const limitUrl = await limitServer.call(
    'listen',
    Object.fromEntries(
      (['get', 'list', 'create'] as const).map((verb) => [
        `${asks[verb].method} ${new URL(asks[verb].url).pathname}`,
        answers[verb],
      ]),
    ),
  );
  await using load = startHelper<HttpLoadHandlers>('http-load.ts');
  const rows: Row[] = [];
  for (const verb of ['get', 'list', 'create'] as const) {
    const measured: Distribution[] = [];
    const limits: Distribution[] = [];
    const bare = { ...asks[verb], url: `${limitUrl}${new URL(asks[verb].url).pathname}` };
    await drive(load, { ...asks[verb], perSecond: PER_SECOND, seconds: 1, from: 1e8 });
    for (let index = 0; index < runs; index += 1) {
      const timing = { perSecond: PER_SECOND, seconds, from: index * 1e6 };
      measured.push(await drive(load, { ...asks[verb], ...timing }));
      limits.push(await drive(load, { ...bare, ...timing }));
    }
    rows.push(rowOf(verb, medianOf(measured), medianOf(limits), answers[verb].body.length));
    if (verb === 'create')
      rows.push(insertRow(medianOf(measured), bareInserts(folder.path, answers.create.body)));
  }
  return rows;
}

function asksOf(url: string, namespace: string, token: string): Record<Verb, Ask> {
  const collection = `${url}/api/v1/namespaces/${namespace}/ghosts`;
  const headers = { authorization: `Bearer ${token}` };
  const document = {
    apiVersion: API_VERSION,
    kind: 'Ghost',
    metadata: { name: 'ghost-{n}', labels: { team: 'bench' } },
    spec: { systemPrompt: 'You answer in short, plain sentences and say what you do not know. '.repeat(6) },
  };
  return {
    get: { url: `${collection}/ghost-seed-7`, method: 'GET', headers },
    list: { url: `${collection}?limit=${OBJECTS}`, method: 'GET', headers },
    create: {
      url: collection,
      method: 'POST',
      headers: { ...headers, 'content-type': 'application/json' },
      body: JSON.stringify(document),
    },
  };
}

/** The product's answer, to be given again by the bare server. */
async function answerTo({ url, method, headers, body }: Ask, number: string) {
  const sent = body === undefined ? {} : { body: body.replaceAll('{n}', number) };
  const response = await fetch(url, { method, headers, ...sent });
  const text = await response.text();
  if (!response.ok) throw new Error(`${method} ${url} answered ${response.status}: ${text}`);
  return {
    status: response.status,
    headers: {
      'content-type': 'application/json; charset=utf-8',
      'content-length': String(Buffer.byteLength(text)),
    },
    body: text,
  };
}

async function drive(helper: Helper<HttpLoadHandlers>, load: HttpLoad): Promise<Distribution> {
  const { samples, outcomes } = await helper.call('run', load);
  const unexpected = Object.keys(outcomes).filter((outcome) => outcome !== '200' && outcome !== '201');
  if (unexpected.length > 0) throw new Error(`${load.method} ${load.url}: ${JSON.stringify(outcomes)}`);
  return distributionOf(samples);
}

function rowOf(verb: Verb, measured: Distribution, limit: Distribution, bytes: number): Row {
  const aimed = verb !== 'create';
  return {
    name: `${verb}${verb === 'list' ? ` ${OBJECTS}` : ''} at ${PER_SECOND}/s`,
    measured: percentiles(measured),
    limitName: `bare node:http, the same ${bytes} bytes`,
    limit: percentiles(limit),
    comparison: timesAtBoth(measured, limit),
    ...(aimed ? { aim: atMost(measured.p95, AIM_MS, `p95 ≤ ${AIM_MS} ms`) } : {}),
  };
}

function insertRow(measured: Distribution, limit: Distribution): Row {
  return {
    name: `create at ${PER_SECOND}/s`,
    measured: percentiles(measured),
    limitName: 'bare SQLite, one insert',
    limit: percentiles(limit),
    comparison: timesAtBoth(measured, limit),
  };
}

/** One row an object, each in a transaction of its own, with the settings that the product uses. */
function bareInserts(folder: string, body: string): Distribution {
  const database = new DatabaseSync(path.join(folder, 'bare.db'));
  database.exec('pragma journal_mode = wal; pragma synchronous = normal');
  database.exec('create table objects (id text primary key, body text not null)');
  const insert = database.prepare('insert into objects (id, body) values (?, ?)');
  const samples = Array.from({ length: BARE_INSERTS }, (_, index) => {
    const started = performance.now();
    insert.run(`object-${index}`, body);
    return performance.now() - started;
  });
  database.close();
  return distributionOf(samples);
}
