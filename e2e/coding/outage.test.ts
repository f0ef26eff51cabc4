import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWith, waitFor } from '@wegent/testing';
import { expect, test } from 'vitest';
import { type CodingTask, toolsOf } from '../support/coding.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { expectNothingLeft, tracesOf } from '../support/leaks.ts';
import { foldByMessage, numberFaults, readStored } from '../support/stored-truth.ts';

/** How long somebody is away; the lease of a run lasts as long. */
const AWAY_MS = 30_000;
const TICKS = 90;
/** Writes a line twice a second, for longer than somebody is away, and counts how often it was begun. */
const SCRIPT = `echo begun >> begun.txt; for i in $(seq 1 ${TICKS}); do echo tick $i; python3 -c 'import time; time.sleep(0.5)'; done; echo finished >> out.txt`;
const LONG = `[[say Before.]] [[tool Bash ${JSON.stringify({ command: SCRIPT, timeout: 120_000 })}]] [[say After.]]`;

/** An installation with the long command under way; nothing of it may be left afterwards. */
interface Begun extends AsyncDisposable {
  installation: Installation;
  task: CodingTask;
}

// They wait for most of their time, so they run beside each other.
describeWith(['claude-code', 'bubblewrap', 'redis-server'], 'when something is down in mid-run', () => {
  test.concurrent('the server hangs for 30 s: every event is there once, and the run ends well', async () => {
    await using begun = await begin();
    const [server] = begun.installation.servers;
    server?.process().send('SIGSTOP');
    await delay(AWAY_MS);
    server?.process().send('SIGCONT');
    await expectComplete(begun);
  });

  test.concurrent('the server is dead for 30 s: every event is there once, and the run ends well', async () => {
    await using begun = await begin();
    const [server] = begun.installation.servers;
    await server?.kill();
    await delay(AWAY_MS);
    await server?.restart();
    await expectComplete(begun);
  });

  test.concurrent('Redis is dead for 30 s: the run does not notice, and the next one works', async () => {
    await using begun = await begin();
    const { installation, task } = begun;
    await installation.redis.kill();
    await delay(AWAY_MS);
    await installation.redis.restart();
    await expectComplete(begun);
    await task.send('[[say Again.]]');
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'Again.' });
    const folders = await readdir(path.join(installation.managers[0]?.dataDir ?? '', 'sandboxes'));
    expect(folders).toHaveLength(1);
  });
});

async function begin(): Promise<Begun> {
  const installation = await startInstallation({ managers: 1 });
  try {
    const task = await installation.start({ message: LONG });
    await task.until((answer) => toolsOf(answer).some(({ done }) => !done), 'the command');
    const traces = await tracesOf(installation.managers.map(({ dataDir }) => dataDir));
    return {
      installation,
      task,
      [Symbol.asyncDispose]: async () => {
        await installation[Symbol.asyncDispose]();
        await expectNothingLeft(traces);
      },
    };
  } catch (error) {
    await installation[Symbol.asyncDispose]();
    throw error;
  }
}

/** The run has ended well, did everything once, and each event is there once and in order. */
async function expectComplete({ installation, task }: Begun): Promise<void> {
  const answer = await task.answered(150_000);
  expect(answer.status, JSON.stringify(answer.error)).toBe('completed');
  const { messages, events } = await readStored(installation.admin, task.taskId);
  expect(numberFaults(events)).toEqual([]);
  const stored = messages.find(({ id }) => id === answer.id);
  expect(stored?.blocks).toEqual(foldByMessage(events).get(answer.id)?.blocks);
  expect(answer.text.match(/Before\.|After\./g)).toEqual(['Before.', 'After.']);
  expect(events.filter(({ event }) => event.type === 'finish')).toHaveLength(1);
  // Its manager was alive all the time, so nobody took the run from it.
  expect(events.flatMap(({ event }) => (event.type === 'run-start' ? event.attempt : []))).toEqual([1]);
  expect(toolsOf(answer)).toHaveLength(1);
  const ticks = JSON.stringify(toolsOf(answer)[0]?.output).match(/tick \d+/g);
  expect(ticks).toEqual(Array.from({ length: TICKS }, (_, index) => `tick ${index + 1}`));
  // A server that was away hears first who is there.
  const managers = async () => (await installation.overview()).managers;
  await waitFor(async () => (await managers()).length > 0, { what: 'the manager to tell of itself' });
  expect(await task.text('/files/begun.txt')).toBe('begun\n');
  expect(await task.text('/files/out.txt')).toBe('finished\n');
}
