import path from 'node:path';
import { openStore } from '@wegent/store';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type ChatServer, type Person, startChatServer } from './support/chat-server.ts';

const GRACE_MS = 2_000;

let cleanUp: AsyncDisposableStack;
let databaseUrl: string;
beforeEach(async () => {
  cleanUp = new AsyncDisposableStack();
  const folder = cleanUp.use(await temporaryFolder());
  databaseUrl = `sqlite:${path.join(folder.path, 'wegent.db')}`;
});
afterEach(() => cleanUp.disposeAsync());

const start = (leaseGraceMs: number) =>
  startChatServer({ databaseUrl, timings: { leaseGraceMs, sweepMs: 50 } });

/** A run that a manager has begun. */
async function beginRun(server: ChatServer, person: Person) {
  const { taskId } = await person.send({ message: 'Write.' });
  const run = await server.nextRun(taskId);
  await run.start();
  return run;
}

test('leases that ran out while the server was away are not lost before their managers could beat', async () => {
  const before = await start(0);
  const bob = await before.newPerson('bob');
  const alive = await beginRun(before, bob);
  const dead = await beginRun(before, bob);
  // Nobody sweeps any more; then time passes.
  await before[Symbol.asyncDispose]();
  const away = await openStore({ url: databaseUrl });
  await away.executions.expireLeasesOf('suite', Date.now());
  await away.close();

  const startedAt = Date.now();
  const server = cleanUp.use(await start(GRACE_MS));
  const stateOf = async (id: string) => (await server.store.executions.get(id))?.state;
  await server.link.heartbeat(alive.id, { attempt: 1 });
  await waitFor(async () => (await stateOf(dead.id)) === 'pending', { what: 'the run to be tried again' });
  expect(Date.now() - startedAt).toBeGreaterThanOrEqual(GRACE_MS);
  expect(await server.store.executions.get(alive.id)).toMatchObject({ state: 'running', attempt: 1 });
  await server.link.events(alive.id, {
    attempt: 1,
    firstSeq: alive.claim.nextSeq + 1,
    events: [{ type: 'finish', outcome: 'completed' }],
  });
  expect(await stateOf(alive.id)).toBe('completed');
});
