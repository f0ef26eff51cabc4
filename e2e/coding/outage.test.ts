import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { Message } from '@wegent/api';
import { describeWith, waitFor } from '@wegent/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { toolsOf } from '../support/coding.ts';
import { type Installation, startInstallation } from '../support/installation.ts';
import { expectNothingLeft, type Traces, tracesOf } from '../support/leaks.ts';
import { foldByMessage, numberFaults, readStored } from '../support/stored-truth.ts';

/** How long somebody is away; the lease of a run lasts as long. */
const AWAY_MS = 30_000;
const TICKS = 90;
/** Writes a line twice a second, for longer than somebody is away, and counts how often it was begun. */
const SCRIPT = `echo begun >> begun.txt; for i in $(seq 1 ${TICKS}); do echo tick $i; python3 -c 'import time; time.sleep(0.5)'; done; echo finished >> out.txt`;
const LONG = `[[say Before.]] [[tool Bash ${JSON.stringify({ command: SCRIPT, timeout: 120_000 })}]] [[say After.]]`;

describeWith(['claude-code', 'bubblewrap', 'redis-server'], 'when something is down in mid-run', () => {
  let installation: Installation;
  let traces: Traces | undefined;

  beforeEach(async () => {
    installation = await startInstallation({ managers: 1 });
    traces = undefined;
  });
  afterEach(async () => {
    await installation?.[Symbol.asyncDispose]();
    if (traces) await expectNothingLeft(traces);
  });

  const working = (answer: Message) => toolsOf(answer).some(({ done }) => !done);

  const begin = async () => {
    const task = await installation.start({ message: LONG });
    await task.until(working, 'the command');
    traces = await tracesOf(installation.managers.map(({ dataDir }) => dataDir));
    return task;
  };

  /** The run has ended well, did everything once, and each event is there once and in order. */
  const expectComplete = async (task: Awaited<ReturnType<typeof begin>>) => {
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
  };

  test('the server hangs for 30 s: every event is there once, and the run ends well', async () => {
    const task = await begin();
    const [server] = installation.servers;
    server?.process().send('SIGSTOP');
    await delay(AWAY_MS);
    server?.process().send('SIGCONT');
    await expectComplete(task);
  });

  test('the server is dead for 30 s: every event is there once, and the run ends well', async () => {
    const task = await begin();
    const [server] = installation.servers;
    await server?.kill();
    await delay(AWAY_MS);
    await server?.restart();
    await expectComplete(task);
  });

  test('Redis is dead for 30 s: the run does not notice, and the next one works', async () => {
    const task = await begin();
    await installation.redis.kill();
    await delay(AWAY_MS);
    await installation.redis.restart();
    await expectComplete(task);
    await task.send('[[say Again.]]');
    expect(await task.answered()).toMatchObject({ status: 'completed', text: 'Again.' });
    const folders = await readdir(path.join(installation.managers[0]?.dataDir ?? '', 'sandboxes'));
    expect(folders).toHaveLength(1);
  });
});
