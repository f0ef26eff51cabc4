import { execFile, execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { type GitHttpServer, startGitHttpServer, waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { finishOf, RUN_TOKEN, startHarness, TOKEN, workspaceOf } from './harness.ts';

const exec = promisify(execFile);

let git: GitHttpServer;
const credential = { username: 'bot', password: 'sekret-of-the-git-host' };
beforeAll(async () => {
  git = await startGitHttpServer({ credential });
});
afterAll(() => git[Symbol.asyncDispose]());

async function withRepository(name: string, files?: Record<string, string>) {
  const repository = await git.createRepository(name, files);
  const harness = await startHarness();
  harness.gateway.repository = repository.url;
  harness.gateway.credential = credential;
  return { repository, harness, workspace: workspaceOf(repository.url) };
}

describe('a turn', () => {
  test('clones, lets the agent work, and tells what changed', async () => {
    const { repository, harness, workspace } = await withRepository('owner/app.git', {
      'a.txt': 'one\ntwo\n',
      'gone.txt': 'x\n',
      '.gitignore': 'build/\n',
    });
    await using _ = harness;
    harness.script = async (turn) => {
      expect(turn.workFolder).toBe(join(harness.workspaceFolder, 'app'));
      expect(turn.homeFolder).toBe(harness.homeFolder);
      turn.emit({ type: 'text-start', blockId: 'b' });
      writeFileSync(join(turn.workFolder, 'a.txt'), 'one\ntwo\nthree\n');
      writeFileSync(join(turn.workFolder, 'new.txt'), 'hello\n');
      mkdirSync(join(turn.workFolder, 'build'));
      writeFileSync(join(turn.workFolder, 'build/out'), 'ignored\n');
      execFileSync('rm', [join(turn.workFolder, 'gone.txt')]);
      // Never the blocking kind: the gateway of this test answers in this process.
      const run = (...args: string[]) => exec('git', args, { cwd: turn.workFolder, env: turn.env });
      await run('add', 'a.txt');
      await run('commit', '-m', 'By the agent');
      // The agent's own git reaches the remote, without a credential anywhere near it.
      await run('push', '-q', 'origin', 'HEAD');
      turn.emit({ type: 'text-end', blockId: 'b' });
    };
    const events = await harness.turn('t1', { workspace });
    expect(finishOf(events)).toEqual({ type: 'finish', outcome: 'completed' });
    const changed = events.find((event) => event.type === 'files-changed');
    expect(changed).toEqual({
      type: 'files-changed',
      branch: 'wegent/task-1',
      commits: [await repository.git('rev-parse', 'wegent/task-1')],
      files: [
        { path: 'a.txt', status: 'modified', additions: 1, deletions: 0 },
        { path: 'gone.txt', status: 'deleted', additions: 0, deletions: 1 },
        { path: 'new.txt', status: 'added', additions: 1, deletions: 0 },
      ],
    });
    expect(await repository.git('log', '-1', '--format=%an <%ae>', 'wegent/task-1')).toBe(
      'Grace Person <grace@example.org>',
    );
    expect(events.some((event) => event.type === 'phase' && event.text.startsWith('Cloning'))).toBe(true);
    const work = join(harness.workspaceFolder, 'app');
    expect(execFileSync('git', ['-C', work, 'config', 'remote.origin.url']).toString().trim()).toBe(
      repository.url,
    );
    expect(execFileSync('git', ['-C', work, 'status', '--porcelain']).toString()).not.toContain('wegent');
  });

  test('keeps tokens and credentials out of the sandbox', async () => {
    const { harness, workspace } = await withRepository('owner/secret.git');
    await using _ = harness;
    let environment = '';
    harness.script = async (turn) => {
      environment = JSON.stringify([turn.env, turn.gatewayUrl, turn.spec]);
    };
    const events = await harness.turn('t1', { workspace });
    expect(finishOf(events).outcome).toBe('completed');
    expect(environment).toContain('insteadOf');
    const written = grep(harness.folder, `${RUN_TOKEN}|${TOKEN}|${credential.password}`);
    expect(written).toBe('');
    for (const secret of [RUN_TOKEN, TOKEN, credential.password]) {
      expect(environment).not.toContain(secret);
      expect(harness.logs.join('')).not.toContain(secret);
      expect(JSON.stringify(events)).not.toContain(secret);
    }
  });

  test('is idempotent, replays, and reads live for several readers', async () => {
    await using harness = await startHarness();
    const go = Promise.withResolvers<void>();
    harness.script = async (turn) => {
      turn.emit({ type: 'phase', text: 'first' });
      await go.promise;
      turn.emit({ type: 'phase', text: 'second' });
    };
    expect((await harness.startTurn('t1')).status).toBe(201);
    expect((await harness.startTurn('t1')).status).toBe(200);
    expect((await harness.startTurn('t1', { attempt: 3 })).status).toBe(200);
    const stale = await harness.startTurn('t1', { attempt: 2 });
    expect(stale.status).toBe(409);
    // An interrupt of an attempt that is over does nothing.
    expect((await harness.call('POST', '/v1/turns/t1/interrupt', { attempt: 2 })).status).toBe(202);
    const readers = [harness.finished('t1'), harness.finished('t1')];
    const live = harness.events('t1');
    const seen: unknown[] = [];
    for await (const { seq, event } of live) {
      seen.push([seq, event.type === 'phase' ? event.text : event.type]);
      if (event.type === 'phase' && event.text === 'first') go.resolve();
    }
    expect(seen).toEqual([
      [1, 'first'],
      [2, 'second'],
      [3, 'finish'],
    ]);
    const [one, two] = await Promise.all(readers);
    expect(one).toEqual(two);
    expect(one).toHaveLength(3);
    const rest: number[] = [];
    for await (const { seq } of harness.events('t1', 2)) rest.push(seq);
    expect(rest).toEqual([3]);
    expect((await harness.call('GET', '/healthz')).json).toEqual({
      status: 'ok',
      version: expect.any(String),
      turns: [{ turnId: 't1', attempt: 3, finished: true }],
    });
    expect((await harness.call('POST', '/v1/turns/t1/interrupt', { attempt: 3 })).status).toBe(202);
    expect((await harness.startTurn('t1', { attempt: 4 })).status).toBe(200);
  });

  test('hands inputs over once and in order', async () => {
    await using harness = await startHarness();
    const got: string[] = [];
    const done = Promise.withResolvers<void>();
    const listen = Promise.withResolvers<void>();
    harness.script = async (turn) => {
      await listen.promise;
      turn.onInput((input) => {
        got.push(input.id);
        if (input.id === 'c') done.resolve();
      });
      await done.promise;
    };
    await harness.startTurn('t1');
    const message = (id: string) => ({ type: 'message', id, by: 'grace', messageId: id, text: 'x' });
    expect((await harness.call('POST', '/v1/turns/t1/input', [message('a'), message('b')])).json).toEqual({
      received: ['a', 'b'],
    });
    listen.resolve();
    expect((await harness.call('POST', '/v1/turns/t1/input', [message('b'), message('c')])).json).toEqual({
      received: ['b', 'c'],
    });
    await harness.finished('t1');
    expect(got).toEqual(['a', 'b', 'c']);
    expect((await harness.call('POST', '/v1/turns/t1/input', [message('c'), message('late')])).json).toEqual({
      received: ['c'],
    });
  });

  test('survives an engine that throws anything, and its error is told without a stack to people', async () => {
    await using harness = await startHarness();
    harness.script = () => Promise.reject(new TypeError('oops'));
    expect(finishOf(await harness.turn('t1'))).toMatchObject({
      outcome: 'failed',
      error: { reason: 'Internal' },
    });
    harness.script = async () => {};
    expect(finishOf(await harness.turn('t2')).outcome).toBe('completed');
  });

  test('keeps the port of an agent from turn to turn, and two at once have two', async () => {
    await using harness = await startHarness();
    const urls: string[] = [];
    const both = Promise.withResolvers<void>();
    harness.script = async (turn) => void urls.push(turn.gatewayUrl);
    await harness.turn('t1');
    await harness.turn('t2');
    expect(urls[0]).toBe(urls[1]);
    harness.script = async (turn) => {
      urls.push(turn.gatewayUrl);
      if (urls.length === 4) both.resolve();
      await both.promise;
    };
    await Promise.all([harness.turn('t3'), harness.turn('t4')]);
    expect(new Set(urls.slice(2)).size).toBe(2);
  });

  test('forgets the oldest of more than fifty finished turns', async () => {
    await using harness = await startHarness();
    for (let index = 0; index < 52; index++) await harness.turn(`t${index}`);
    const { turns } = (await harness.call('GET', '/healthz')).json;
    expect(turns).toHaveLength(50);
    expect((await harness.call('GET', '/v1/turns/t0/events')).status).toBe(404);
    expect((await harness.call('GET', '/v1/turns/t51/events')).status).toBe(200);
  });
});

describe('cancelling', () => {
  test('during the clone, twice, leaves a state from which the next turn clones', async () => {
    const { harness, workspace } = await withRepository('owner/slow.git');
    await using _ = harness;
    git.mode = 'hang';
    await harness.startTurn('t1', { workspace });
    await waitFor(() => git.requests.some(({ url }) => url.includes('slow.git')), {
      what: 'the clone to ask the host',
    });
    await harness.call('POST', '/v1/turns/t1/interrupt', { attempt: 1 });
    await harness.call('POST', '/v1/turns/t1/interrupt', { attempt: 1 });
    expect(finishOf(await harness.finished('t1'))).toEqual({ type: 'finish', outcome: 'cancelled' });
    git.mode = 'serve';
    expect(existsSync(join(harness.workspaceFolder, 'slow'))).toBe(false);
    expect(finishOf(await harness.turn('t2', { workspace })).outcome).toBe('completed');
    expect(readFileSync(join(harness.workspaceFolder, 'slow/README.md'), 'utf8')).toContain('Sample');
  });

  test('during set-up kills what the command started', async () => {
    const { harness, workspace } = await withRepository('owner/setup-cancel.git');
    await using _ = harness;
    const commands = ['echo $$ > ../pid; sleep 300 & echo $! > ../child; echo started; wait'];
    await harness.startTurn('t1', { workspace: { ...workspace, setupCommands: commands } });
    for await (const { event } of harness.events('t1')) {
      if (event.type === 'log' && event.text.includes('started')) break;
    }
    await harness.call('POST', '/v1/turns/t1/interrupt', { attempt: 1 });
    expect(finishOf(await harness.finished('t1')).outcome).toBe('cancelled');
    for (const file of ['pid', 'child']) {
      const pid = Number(readFileSync(join(harness.workspaceFolder, file), 'utf8'));
      await waitFor(() => !isAlive(pid), { what: `process ${pid} to end` });
    }
  });

  test('while the agent works aborts its signal and still tells what changed', async () => {
    const { harness, workspace } = await withRepository('owner/cancel.git');
    await using _ = harness;
    harness.script = async (turn) => {
      writeFileSync(join(turn.workFolder, 'half.txt'), 'x\n');
      turn.emit({ type: 'phase', text: 'working' });
      await new Promise((_resolve, reject) =>
        turn.signal.addEventListener('abort', () => reject(new Error('stopped'))),
      );
    };
    await harness.startTurn('t1', { workspace });
    for await (const { event } of harness.events('t1'))
      if (event.type === 'phase' && event.text === 'working') break;
    await harness.call('POST', '/v1/turns/t1/interrupt', { attempt: 1 });
    const events = await harness.finished('t1');
    expect(finishOf(events).outcome).toBe('cancelled');
    expect(events).toContainEqual(expect.objectContaining({ type: 'files-changed' }));
  });

  test('of a turn that nobody knows is refused', async () => {
    await using harness = await startHarness();
    expect((await harness.call('POST', '/v1/turns/nope/interrupt', { attempt: 1 })).status).toBe(404);
  });
});

describe('set-up commands', () => {
  test('run once, with their log, and again when they change', async () => {
    const { harness, workspace } = await withRepository('owner/setup.git');
    await using _ = harness;
    const count = () => readFileSync(join(harness.workspaceFolder, 'count'), 'utf8').length;
    const first = {
      ...workspace,
      setupCommands: ['printf x >> ../count; echo "hi $NAME"; echo err >&2'],
      env: { NAME: 'Ada' },
    };
    const events = await harness.turn('t1', { workspace: first });
    const text = events.flatMap((event) => (event.type === 'log' ? [event.text] : [])).join('');
    expect(text).toContain('hi Ada\n');
    expect(text).toContain('err\n');
    await harness.turn('t2', { workspace: first });
    expect(count()).toBe(1);
    await harness.turn('t3', { workspace: { ...first, setupCommands: ['printf xx >> ../count'] } });
    expect(count()).toBe(3);
  });

  test('that fail end the turn with the command, its exit code and its last words, and run again', async () => {
    const { harness, workspace } = await withRepository('owner/setup-fails.git');
    await using _ = harness;
    const failing = { ...workspace, setupCommands: ['printf x >> ../count; echo some words; exit 7'] };
    const finish = finishOf(await harness.turn('t1', { workspace: failing }));
    expect(finish.error).toMatchObject({ reason: 'ToolFailed', detail: 'some words' });
    expect(finish.error?.message).toContain('exit 7');
    expect(finish.error?.message).toContain('exit code 7');
    await harness.turn('t2', { workspace: failing });
    expect(readFileSync(join(harness.workspaceFolder, 'count'), 'utf8')).toBe('xx');
  });

  test('that write without end are cut off, and a process in the background stops nobody', async () => {
    const { harness, workspace } = await withRepository('owner/setup-loud.git');
    await using _ = harness;
    const loud = {
      ...workspace,
      setupCommands: ['head -c 5000000 /dev/zero | tr "\\0" x', 'sleep 300 & echo $! > ../pid'],
    };
    const events = await harness.turn('t1', { workspace: loud });
    expect(finishOf(events).outcome).toBe('completed');
    const size = events.reduce((sum, event) => sum + (event.type === 'log' ? event.text.length : 0), 0);
    expect(size).toBeGreaterThan(500_000);
    expect(size).toBeLessThan(700_000);
    process.kill(Number(readFileSync(join(harness.workspaceFolder, 'pid'), 'utf8')));
  });
});

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return !readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ');
  } catch {
    return false;
  }
}

/** Files below a folder that hold the pattern; proves first that it finds something. */
function grep(folder: string, pattern: string): string {
  try {
    return execFileSync('grep', ['-rlaE', pattern, folder], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    });
  } catch {
    return '';
  }
}
