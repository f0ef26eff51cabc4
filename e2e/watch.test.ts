import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceObject } from '@wegent/api';
import { describeWith, startMariaDb } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { e2eConfig } from './support/config.ts';
import { type Person, signIn } from './support/person.ts';
import { createRandom, type Random } from './support/random.ts';
import { startStandalone } from './support/standalone.ts';

const WRITERS = 16;
const WATCHERS = 8;
const CHANGES = e2eConfig.watchChanges;
const GHOSTS = '/api/v1/namespaces/default/ghosts';

describe('watches on SQLite', () => {
  test('every watcher sees every change once, in order, however often it is cut off', () => missNothing({}));
});

describeWith(['mariadb'], 'watches on MariaDB', () => {
  test('every watcher sees every change once, in order, however often it is cut off', async () => {
    await using database = await startMariaDb();
    await missNothing({ DATABASE_URL: await database.createDatabase() });
  });
});

/** What one watcher has seen: the changes of each writer, and how often it was cut off. */
interface Seen {
  changes: Map<string, number[]>;
  versions: number[];
  cuts: number;
}

async function missNothing(env: Record<string, string>): Promise<void> {
  const random = createRandom();
  await using product = await startStandalone({ env });
  const admin = await signIn(product.url);
  const { metadata } = await admin.api.resources.list('ghosts', { namespace: 'default' });
  const watchers = Array.from({ length: WATCHERS }, () =>
    watchAll({ url: product.url, admin, from: metadata.resourceVersion, random: random.fork() }),
  );
  await Promise.all(
    Array.from({ length: WRITERS }, (_, index) =>
      write({ url: product.url, admin, name: `writer-${index}` }),
    ),
  );
  const wanted = Array.from({ length: CHANGES }, (_, step) => step);
  for (const seen of await Promise.all(watchers)) {
    expect(seen.changes.size).toBe(WRITERS);
    for (const [name, steps] of seen.changes) expect(steps, name).toEqual(wanted);
    expect(seen.versions).toEqual(seen.versions.toSorted((left, right) => left - right));
    expect(seen.cuts).toBeGreaterThan(0);
  }
}

/** Creates an object and changes it, one number after the other. */
async function write({ url, admin, name }: { url: string; admin: Person; name: string }): Promise<void> {
  for (let step = 0; step < CHANGES; step += 1) {
    const first = step === 0;
    const send = () =>
      fetch(`${url}${GHOSTS}${first ? '' : `/${name}`}`, {
        method: first ? 'POST' : 'PATCH',
        headers: {
          authorization: `Bearer ${admin.token}`,
          'content-type': first ? 'application/json' : 'application/merge-patch+json',
        },
        body: JSON.stringify({
          ...(first ? { apiVersion: 'agent.wecode.io/v1', kind: 'Ghost', metadata: { name } } : {}),
          spec: { systemPrompt: String(step) },
        }),
      });
    let response = await send();
    // Sixteen writers of one person are a flood; a client waits as long as it is told.
    while (response.status === 429) {
      await sleep(Number(response.headers.get('retry-after') ?? 1) * 1000);
      response = await send();
    }
    if (!response.ok)
      throw new Error(`change ${step} of ${name}: ${response.status} ${await response.text()}`);
    await response.body?.cancel();
  }
}

/** Follows the collection until all is seen; cuts its own connection at random and goes on after the last version. */
async function watchAll({
  url,
  admin,
  from,
  random,
}: {
  url: string;
  admin: Person;
  from: string;
  random: Random;
}): Promise<Seen> {
  const seen: Seen = { changes: new Map(), versions: [], cuts: 0 };
  let version = from;
  for (let left = WRITERS * CHANGES; left > 0; ) {
    const response = await fetch(`${url}${GHOSTS}?watch=1&resourceVersion=${version}`, {
      headers: { authorization: `Bearer ${admin.token}` },
    });
    if (!response.ok || !response.body) throw new Error(`watch: ${response.status} ${await response.text()}`);
    let until = 1 + random.below(Math.ceil(WRITERS * CHANGES * 0.3));
    // Leaving the loop closes the connection, whatever is still on its way.
    for await (const line of lines(response.body)) {
      const { type, object } = JSON.parse(line) as { type: string; object: ResourceObject };
      if (type === 'ERROR') throw new Error(line);
      version = object.metadata.resourceVersion ?? version;
      if (type === 'BOOKMARK') continue;
      const steps = seen.changes.get(object.metadata.name) ?? [];
      steps.push(Number(object.spec.systemPrompt));
      seen.changes.set(object.metadata.name, steps);
      seen.versions.push(Number(version));
      left -= 1;
      until -= 1;
      if (left === 0 || until === 0) break;
    }
    if (left > 0) seen.cuts += 1;
  }
  return seen;
}

async function* lines(body: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    const parts = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = parts.pop() ?? '';
    yield* parts;
  }
}
