import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { signIn, withApiKey } from './support/person.ts';
import { createRandom } from './support/random.ts';
import { expectSameEverywhere, expectStoredOnce } from './support/settle.ts';
import { startStandalone } from './support/standalone.ts';
import { type Deeds, talk } from './support/talker.ts';
import { openViewer, type Viewer } from './support/viewer.ts';

const KILLS = 30;
const TASKS = 4;
const VIEWERS_PER_TASK = 3;
/** Milliseconds after a restart in which a run that was interrupted goes on: far below the 30 s of its lease. */
const RECOVERY_MS = 20_000;

test('a process that is killed again and again loses nothing and leaves nothing open', async () => {
  const random = createRandom();
  console.info(`kill: WEGENT_TEST_SEED=${random.seed}`);
  await using resources = new AsyncDisposableStack();
  const server = resources.use(await startStandalone());
  // An API key, so that nobody has to sign in while the server is away.
  const admin = await withApiKey(server.url, await signIn(server.url));

  const first: Deeds = { taken: new Set(), withdrawn: new Set(), faults: [] };
  const tasks: { taskId: string; viewers: [Viewer, ...Viewer[]] }[] = [];
  for (let index = 0; index < TASKS; index += 1) {
    const ack = await admin.api.tasks.create({
      clientMessageId: `first-${index}`,
      team: { name: 'assistant' },
      message: '300 words at 200 words per second',
    });
    first.taken.add(ack.messageId);
    const open = (place: number) =>
      resources.use(
        openViewer({ person: admin, taskId: ack.taskId, name: `client ${place} of task ${index + 1}` }),
      );
    const others = Array.from({ length: VIEWERS_PER_TASK - 1 }, (_, place) => open(place + 2));
    tasks.push({ taskId: ack.taskId, viewers: [open(1), ...others] });
  }

  const stop = new AbortController();
  const talks = tasks.map(({ viewers }) => talk({ viewers, random: random.fork(), signal: stop.signal }));
  const starts: number[] = [];
  for (let kill = 0; kill < KILLS; kill += 1) {
    // Some come at once, while clients are still coming back; most in the middle of the work.
    await delay(random.below(random.next() < 0.2 ? 100 : 1_000));
    await server.kill();
    starts.push(await server.restart());
  }
  stop.abort();
  const deeds = await Promise.all(talks);

  for (const { taskId, viewers } of tasks) {
    await expectSameEverywhere({ person: admin, taskId, viewers, timeoutMs: 60_000 });
  }
  const recoveryMs = await measureRecovery();
  const sent = deeds.reduce((sum, { taken }) => sum + taken.size, 0);
  console.info(
    `kill: ${KILLS} kills, ${sent} messages; start ${median(starts).toFixed(0)} ms (median), ` +
      `an interrupted run went on ${recoveryMs.toFixed(0)} ms after its process was killed`,
  );
  expect(recoveryMs).toBeLessThan(RECOVERY_MS);
  expect(deeds.flatMap(({ faults }) => faults)).toEqual([]);
  expect(await server.stop()).toBe(0);
  expectStoredOnce(path.join(server.dataDir, 'wegent.db'), [first, ...deeds]);

  /** From the kill, in the middle of an answer, to the first word of the second attempt on a screen. */
  async function measureRecovery(): Promise<number> {
    const ack = await admin.api.tasks.create({
      clientMessageId: 'recovery',
      team: { name: 'assistant' },
      message: '2000 words at 100 words per second',
    });
    first.taken.add(ack.messageId);
    using viewer = openViewer({ person: admin, taskId: ack.taskId });
    const answer = () => viewer.view()?.messages.at(-1);
    await viewer.until(() => (answer()?.text.length ?? 0) > 100, { what: 'the answer to begin' });
    const killedAt = performance.now();
    await server.kill();
    await server.restart();
    await viewer.until(() => answer()?.runs?.[0]?.attempt === 2 && (answer()?.text.length ?? 0) > 0, {
      what: 'the second attempt',
    });
    const recovered = performance.now() - killedAt;
    expect(await viewer.session.cancel()).toMatchObject({ outcome: 'cancelled' });
    return recovered;
  }
});

function median(values: readonly number[]): number {
  return [...values].sort((left, right) => left - right)[Math.floor(values.length / 2)] ?? Number.NaN;
}
