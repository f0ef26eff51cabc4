import { setTimeout as delay } from 'node:timers/promises';
import { API_VERSION } from '@wegent/api';
import { temporaryFolder } from '@wegent/testing';
import { type Helper, startHelper } from './child.ts';
import { clock } from './clock.ts';
import type { BenchConfig } from './config.ts';
import { type Distribution, distributionOf, median, medianOf } from './distribution.ts';
import { readFigures } from './figures.ts';
import type { HttpLimitHandlers } from './processes/http-limit.ts';
import type { HttpLoadHandlers } from './processes/http-load.ts';
import type { WatchLimitHandlers } from './processes/watch-limit.ts';
import type { WatchLoadHandlers } from './processes/watch-load.ts';
import { startProduct } from './product.ts';
import { atMost, type Group, percentiles, type Row, ratio, timesAtBoth } from './row.ts';
import { type Person, seed, seedPeople } from './seed.ts';

const OBJECTS = 500;
const LISTS_PER_SECOND = 20;
const WATCHERS = 1_000;
const AIM_APPLY_MS = 3_000;
const AIM_FAN_OUT_MS = 200;
const TABLE = 'application/json;as=Table;v=v1;g=meta.k8s.io';

/** What Kubernetes clients do: applying folders, lists as objects and as tables, watches. */
export const kube: Group = {
  name: 'kube',
  says: `apply and list of ${OBJECTS} objects, ${WATCHERS} watchers`,
  run,
};

async function run({ quick, environment }: BenchConfig): Promise<Row[]> {
  const runs = quick ? 2 : 5;
  await using folder = await temporaryFolder();
  const [person] = await seed(folder.path, (store) => seedPeople(store, 1));
  if (!person) throw new Error('nobody was seeded');
  await using product = await startProduct({ dataDir: folder.path, environment });
  const applied = await applyRow({ url: product.url, person, runs });
  const lists = await listRows({ url: product.url, person, runs });
  return [applied, ...lists, ...(await watchRows({ url: product.url, person, changes: quick ? 5 : 20 }))];
}

async function applyRow({ url, person, runs }: { url: string; person: Person; runs: number }): Promise<Row> {
  const times: number[] = [];
  const limits: number[] = [];
  await using limit = startHelper<HttpLimitHandlers>('http-limit.ts');
  const path = `/api/v1/namespaces/${person.namespace}/apply`;
  const bare = await limit.call('listen', { [`POST ${path}`]: { status: 200, headers: {}, body: '{}' } });
  for (let round = 0; round < runs; round += 1) {
    // Every round changes every object.
    const body = JSON.stringify(
      Array.from({ length: OBJECTS }, (_, index) => ghost(`g-${index}`, `Round ${round}.`)),
    );
    times.push(await timeOf(`${url}${path}`, { body, token: person.token }));
    limits.push(await timeOf(`${bare}${path}`, { body, token: person.token }));
  }
  const [time, least] = [median(times), median(limits)];
  return {
    name: `apply ${OBJECTS} objects`,
    measured: `${Math.round(time)} ms`,
    limitName: 'bare node:http, the same body',
    limit: `${least.toFixed(1)} ms`,
    comparison: `×${ratio(time, least)}`,
    aim: atMost(time, AIM_APPLY_MS, `≤ ${AIM_APPLY_MS / 1000} s`),
  };
}

async function timeOf(url: string, { body, token }: { body: string; token: string }): Promise<number> {
  const started = performance.now();
  const response = await fetch(url, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body,
  });
  const text = await response.text();
  if (response.status !== 200) throw new Error(`apply answered ${response.status}: ${text.slice(0, 500)}`);
  return performance.now() - started;
}

async function listRows({
  url,
  person,
  runs,
}: {
  url: string;
  person: Person;
  runs: number;
}): Promise<Row[]> {
  await using limit = startHelper<HttpLimitHandlers>('http-limit.ts');
  await using load = startHelper<HttpLoadHandlers>('http-load.ts');
  const path = `/apis/${API_VERSION}/namespaces/${person.namespace}/ghosts?limit=${OBJECTS}`;
  const rows: Row[] = [];
  for (const [form, accept] of [
    ['JSON', 'application/json'],
    ['Table', TABLE],
  ] as const) {
    const headers = { authorization: `Bearer ${person.token}`, accept };
    const body = await (await fetch(`${url}${path}`, { headers })).text();
    const bare = await limit.call('listen', {
      [`GET ${path}`]: { status: 200, headers: { 'content-type': accept }, body },
    });
    const measured: Distribution[] = [];
    const limits: Distribution[] = [];
    for (let round = 0; round < runs; round += 1) {
      measured.push(await drive(load, `${url}${path}`, headers));
      limits.push(await drive(load, `${bare}${path}`, headers));
    }
    const [ours, least] = [medianOf(measured), medianOf(limits)];
    rows.push({
      name: `list ${OBJECTS} as ${form} at ${LISTS_PER_SECOND}/s`,
      measured: percentiles(ours),
      limitName: `bare node:http, the same ${body.length} bytes`,
      limit: percentiles(least),
      comparison: timesAtBoth(ours, least),
    });
  }
  return rows;
}

async function drive(
  load: Helper<HttpLoadHandlers>,
  url: string,
  headers: Record<string, string>,
): Promise<Distribution> {
  const timing = { perSecond: LISTS_PER_SECOND, seconds: 2, from: 0 };
  const { samples, outcomes } = await load.call('run', { url, method: 'GET', headers, ...timing });
  if (Object.keys(outcomes).some((outcome) => outcome !== '200'))
    throw new Error(`list: ${JSON.stringify(outcomes)}`);
  return distributionOf(samples);
}

async function watchRows({
  url,
  person,
  changes,
}: {
  url: string;
  person: Person;
  changes: number;
}): Promise<Row[]> {
  const path = `/apis/${API_VERSION}/namespaces/${person.namespace}/ghosts`;
  const headers = { authorization: `Bearer ${person.token}` };
  const before = (await readFigures(url)).residentBytes;
  await using load = startHelper<WatchLoadHandlers>('watch-load.ts');
  const { metadata } = (await (await fetch(`${url}${path}?limit=1`, { headers })).json()) as {
    metadata: { resourceVersion: string };
  };
  const watch = `?watch=1&resourceVersion=${metadata.resourceVersion}`;
  await load.call('open', { url: `${url}${path}${watch}`, headers, count: WATCHERS });
  const patch = (mark: number) =>
    fetch(`${url}${path}/g-0`, {
      method: 'PATCH',
      headers: { ...headers, 'content-type': 'application/merge-patch+json' },
      body: JSON.stringify({ spec: { systemPrompt: `mark-${mark}-end` } }),
    });
  const measured = await fanOut({ load, changes, send: patch });
  const after = (await readFigures(url)).residentBytes;

  await using limit = startHelper<WatchLimitHandlers>('watch-limit.ts');
  await using limitLoad = startHelper<WatchLoadHandlers>('watch-load.ts');
  const bare = await limit.call('listen', undefined);
  const bareBefore = await limit.call('memory', undefined);
  await limitLoad.call('open', { url: `${bare}${path}`, headers: {}, count: WATCHERS });
  const line = JSON.stringify({ type: 'MODIFIED', object: ghost('g-0', 'mark-{n}-end') });
  const limits = await fanOut({
    load: limitLoad,
    changes,
    send: (mark) => fetch(`${bare}${path}`, { method: 'POST', body: line.replace('{n}', String(mark)) }),
  });
  const bareAfter = await limit.call('memory', undefined);
  const [each, bareEach] = [(after - before) / WATCHERS / 1024, (bareAfter - bareBefore) / WATCHERS / 1024];
  return [
    {
      name: `a change reaches ${WATCHERS} watchers`,
      measured: percentiles(measured),
      limitName: 'bare node:http, the same line',
      limit: percentiles(limits),
      comparison: timesAtBoth(measured, limits),
      aim: atMost(measured.p95, AIM_FAN_OUT_MS, `p95 ≤ ${AIM_FAN_OUT_MS} ms`),
    },
    {
      name: 'memory of a watcher',
      measured: `${each.toFixed(1)} KiB`,
      limitName: 'bare node:http, an open response',
      limit: `${bareEach.toFixed(1)} KiB`,
      comparison: `×${ratio(each, bareEach)}`,
    },
  ];
}

/** Milliseconds from asking for a change until each watcher has it, over all changes. */
async function fanOut({
  load,
  changes,
  send,
}: {
  load: Helper<WatchLoadHandlers>;
  changes: number;
  send: (mark: number) => Promise<Response>;
}): Promise<Distribution> {
  const samples: number[] = [];
  for (let mark = 0; mark < changes; mark += 1) {
    const asked = clock();
    const response = await send(mark);
    if (!response.ok) throw new Error(`a change answered ${response.status}: ${await response.text()}`);
    const times = await load.call('seen', mark);
    // What comes first is to optimise the code, and counts for nobody.
    if (mark > 0) samples.push(...times.map((time) => time - asked));
    await delay(50);
  }
  return distributionOf(samples);
}

function ghost(name: string, systemPrompt: string) {
  return { apiVersion: API_VERSION, kind: 'Ghost', metadata: { name }, spec: { systemPrompt } };
}
