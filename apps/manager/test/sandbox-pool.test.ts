import { existsSync } from 'node:fs';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import path from 'node:path';
import { ApiError, type SandboxContext } from '@wegent/api';
import { openBlobStore } from '@wegent/blob';
import { createMemorySandboxDriver, type SandboxSpec } from '@wegent/sandbox';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { pino } from 'pino';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGateway } from '../src/gateway/gateway.ts';
import { createSandboxFolders } from '../src/sandboxes/sandbox-folders.ts';
import { createSandboxPool, type SandboxLifetimes } from '../src/sandboxes/sandbox-pool.ts';
import { createWorkspaceArchive } from '../src/sandboxes/workspace-archive.ts';

const HOUR = 3_600_000;
const LIFETIMES: SandboxLifetimes = {
  chatMs: 2 * HOUR,
  codeMs: 24 * HOUR,
  deletionDelayMs: 600_000,
  maxIdle: 10,
  warm: 0,
  archiveEachTurn: false,
};
const logger = pino({ level: 'silent' });

let cleanUp: AsyncDisposableStack;
/** Turns of all executors, and the requests to interrupt one. */
let turns: { turnId: string; attempt: number; finished: boolean }[];
let interrupts: string[];
beforeEach(() => {
  cleanUp = new AsyncDisposableStack();
  turns = [];
  interrupts = [];
});
afterEach(() => cleanUp.disposeAsync());

/** An executor that listens, and whose archive is the file `note` of its workspace. */
async function startExecutor({ folder, env }: SandboxSpec) {
  if (env.BROKEN) throw new Error('broken on purpose');
  const socket = path.join(folder, 'executor.sock');
  const note = path.join(folder, 'workspace', 'note');
  await mkdir(path.dirname(note), { recursive: true });
  const server = createServer(async (request, response) => {
    if (request.url === '/healthz') {
      response.end(JSON.stringify({ status: 'ok', version: 'test', turns }));
    } else if (request.url?.endsWith('/interrupt')) {
      interrupts.push(request.url);
      turns = turns.map((turn) => (request.url?.includes(turn.turnId) ? { ...turn, finished: true } : turn));
      response.writeHead(202).end();
    } else if (request.method === 'PUT') {
      const chunks: Buffer[] = [];
      for await (const chunk of request) chunks.push(chunk);
      await writeFile(note, Buffer.concat(chunks));
      response.writeHead(204).end();
    } else {
      response.end(await readFile(note).catch(() => ''));
    }
  });
  await new Promise<void>((resolve) => server.listen(socket, resolve));
  return {
    address: { type: 'unix' as const, path: socket },
    end: () =>
      new Promise<void>((resolve) => {
        server.closeAllConnections();
        server.close(() => resolve());
      }),
  };
}

/** A host: a driver, its folders, and pools that follow each other on it. */
async function openHost({ blobUrl = 'memory:' }: { blobUrl?: string } = {}) {
  const folder = cleanUp.use(await temporaryFolder());
  const blob = await openBlobStore({ url: blobUrl });
  const driver = createMemorySandboxDriver({ startExecutor });
  cleanUp.defer(async () => void (await driver.removeOrphans(new Set())));
  const root = path.join(folder.path, 'sandboxes');
  let time = Date.now();
  const open = async (
    changes: Partial<SandboxLifetimes> = {},
    { managerId = 'manager', claimMs = 60_000 } = {},
  ) => {
    const gateway = createGateway({ logger });
    cleanUp.defer(() => gateway.close());
    const pool = createSandboxPool({
      managerId,
      claimMs,
      driver,
      gateway,
      folders: createSandboxFolders(root),
      archive: createWorkspaceArchive({ blob }),
      lifetimes: { ...LIFETIMES, ...changes },
      onChange: () => {},
      logger,
      now: () => time,
    });
    await pool.start();
    return pool;
  };
  return {
    driver,
    root,
    blob,
    open,
    pass: (milliseconds: number) => {
      time += milliseconds;
    },
    alive: async () => (await driver.list()).map(({ id }) => id).sort(),
    folders: async () => (await readdir(root)).sort(),
  };
}

function contextOf(taskId: string, changes: Partial<SandboxContext> = {}): SandboxContext {
  return {
    taskId,
    namespace: 'default',
    taskType: 'code',
    shell: {
      name: 'ClaudeCode',
      shellType: 'ClaudeCode',
      network: 'gateway-only',
      turnSeconds: 60,
      idleSeconds: 60,
      startSeconds: 60,
      maxAttempts: 3,
    },
    egress: [],
    ...changes,
  };
}

describe('the sandbox of a task', () => {
  test('is one, however many want it at once, and another task has another', async () => {
    const host = await openHost();
    const pool = await host.open();
    const leases = await Promise.all(
      Array.from({ length: 20 }, () => pool.acquire({ context: contextOf('one') })),
    );
    const other = await pool.acquire({ context: contextOf('two') });
    expect(new Set(leases.map(({ live }) => live.sandboxId)).size).toBe(1);
    expect(await host.alive()).toHaveLength(2);
    expect(pool.states().map(({ state }) => state)).toEqual(['busy', 'busy']);
    for (const lease of [...leases, other]) lease.release();
    expect(pool.states().map(({ state }) => state)).toEqual(['idle', 'idle']);
  });

  test('is started anew on its folder after it ended, and for a Shell with other limits', async () => {
    const host = await openHost();
    const pool = await host.open();
    const first = await pool.acquire({ context: contextOf('one') });
    first.release();
    await first.live.sandbox.kill();
    const second = await pool.acquire({ context: contextOf('one') });
    expect(second.live.sandbox).not.toBe(first.live.sandbox);
    expect(second.live.sandboxId).toBe(first.live.sandboxId);
    second.release();
    const { shell } = contextOf('one');
    const third = await pool.acquire({
      context: contextOf('one', { shell: { ...shell, resources: { memory: '8Gi' } } }),
    });
    expect(third.live.sandbox).not.toBe(second.live.sandbox);
    expect(await host.folders()).toEqual([first.live.sandboxId]);
    third.release();
  });

  test('leaves nothing when it cannot be started', async () => {
    const host = await openHost();
    const pool = await host.open();
    const stopped = AbortSignal.abort(new Error('stopped'));
    await expect(pool.acquire({ context: contextOf('one'), signal: stopped })).rejects.toThrow('stopped');
    expect(await host.folders()).toEqual([]);
    expect(await host.alive()).toEqual([]);
  });

  test('goes with its folder when the task is deleted', async () => {
    const host = await openHost();
    const pool = await host.open();
    (await pool.acquire({ context: contextOf('one') })).release();
    await host.blob.put('workspaces/one.tar.zst', new Uint8Array([1]));
    await pool.removeTask('one');
    expect(await host.blob.read('workspaces/one.tar.zst')).toBeUndefined();
    expect(await host.alive()).toEqual([]);
    expect(await host.folders()).toEqual([]);
  });
});

describe('warm sandboxes', () => {
  test('are given to new tasks that fit, and replaced', async () => {
    const host = await openHost();
    const pool = await host.open({ warm: 1 });
    await pool.fillWarm();
    const [warm] = await host.alive();
    const lease = await pool.acquire({ context: contextOf('one') });
    expect(lease.live.sandboxId).toBe(warm);
    await pool.fillWarm();
    expect(pool.states().filter(({ state }) => state === 'warm')).toHaveLength(1);
    const special = await pool.acquire({
      context: contextOf('two', { shell: { ...contextOf('two').shell, baseImage: 'other:1' } }),
    });
    expect(pool.states().filter(({ state }) => state === 'warm')).toHaveLength(1);
    lease.release();
    special.release();
    await pool.close({ keepBusy: false });
    expect(await host.alive()).toEqual([]);
  });
});

describe('after its time', () => {
  test.each([
    ['chat', 2],
    ['code', 24],
  ] as const)(
    'a workspace of a %s task is archived after %i hours, and comes back',
    async (taskType, hours) => {
      const shared = cleanUp.use(await temporaryFolder());
      const host = await openHost({ blobUrl: `file:${shared.path}` });
      const pool = await host.open();
      const lease = await pool.acquire({ context: contextOf('one', { taskType }) });
      const note = path.join(host.root, lease.live.sandboxId, 'workspace', 'note');
      await writeFile(note, 'what was done');
      lease.release();
      host.pass(hours * HOUR - 1);
      await pool.sweep();
      expect(await host.alive()).toHaveLength(1);
      host.pass(1);
      await pool.sweep();
      expect(await host.alive()).toEqual([]);
      expect(existsSync(note)).toBe(true);
      host.pass(LIFETIMES.deletionDelayMs);
      await pool.sweep();
      expect(await host.folders()).toEqual([]);

      const elsewhere = await openHost({ blobUrl: `file:${shared.path}` });
      const other = await elsewhere.open();
      const again = await other.acquire({ context: contextOf('one', { taskType }) });
      const restored = path.join(elsewhere.root, again.live.sandboxId, 'workspace', 'note');
      expect(await readFile(restored, 'utf8')).toBe('what was done');
      again.release();
    },
  );

  test('who comes back between archive and end of the folder finds it as it was', async () => {
    const host = await openHost();
    const pool = await host.open();
    const lease = await pool.acquire({ context: contextOf('one') });
    lease.release();
    host.pass(LIFETIMES.codeMs);
    await pool.sweep();
    const again = await pool.acquire({ context: contextOf('one') });
    expect(again.live.sandboxId).toBe(lease.live.sandboxId);
    again.release();
    host.pass(LIFETIMES.deletionDelayMs);
    await pool.sweep();
    expect(await host.folders()).toEqual([lease.live.sandboxId]);
  });

  test('more idle sandboxes than may be end, the longest idle first', async () => {
    const host = await openHost();
    const pool = await host.open({ maxIdle: 2 });
    const ids: string[] = [];
    for (const taskId of ['one', 'two', 'three', 'four']) {
      const lease = await pool.acquire({ context: contextOf(taskId) });
      ids.push(lease.live.sandboxId);
      lease.release();
      host.pass(1_000);
    }
    await pool.sweep();
    expect(await host.alive()).toEqual(ids.slice(2).sort());
    expect(await host.folders()).toHaveLength(4);
  });
});

describe('the next manager of a host', () => {
  test('takes over what lives, and removes what belongs to nobody', async () => {
    const host = await openHost();
    const before = await host.open();
    const lease = await before.acquire({ context: contextOf('one'), executionId: 'run' });
    await mkdir(path.join(host.root, 'abcdefabcdef'), { recursive: true });
    await host.driver.create({
      id: '0123456789ab',
      labels: { taskId: '', namespace: '' },
      limits: {},
      folder: path.join(host.root, '0123456789ab'),
      token: 'token',
      env: {},
      startMs: 10_000,
    });
    // As after a crash: the manager before is not closed.
    const after = await host.open();
    expect(await host.alive()).toEqual([lease.live.sandboxId]);
    expect(await host.folders()).toEqual([lease.live.sandboxId]);
    const taken = await after.acquire({ context: contextOf('one') });
    expect(taken.live.sandboxId).toBe(lease.live.sandboxId);
    expect(await taken.live.client.health()).toMatchObject({ status: 'ok' });
    taken.release();
  });

  test('finds at work what the one before left alive when it was told to', async () => {
    const host = await openHost();
    const before = await host.open();
    const busy = await before.acquire({ context: contextOf('busy'), executionId: 'run' });
    // A terminal of somebody is no work.
    await before.acquire({ context: contextOf('looked-at') });
    (await before.acquire({ context: contextOf('idle') })).release();
    await before.close({ keepBusy: true });
    expect(await host.alive()).toEqual([busy.live.sandboxId]);
    await expect(before.acquire({ context: contextOf('late') })).rejects.toBeInstanceOf(ApiError);
  });

  test('ends turns that no run claims, and no others', async () => {
    const host = await openHost();
    const before = await host.open();
    const lease = await before.acquire({ context: contextOf('one'), executionId: 'wanted' });
    await before.close({ keepBusy: true });
    turns = [
      { turnId: 'wanted', attempt: 1, finished: false },
      { turnId: 'unwanted', attempt: 1, finished: false },
      { turnId: 'over', attempt: 1, finished: true },
    ];
    const after = await host.open({}, { claimMs: 200 });
    const taken = await after.acquire({ context: contextOf('one'), executionId: 'wanted' });
    await waitFor(() => turns[1]?.finished === true, { what: 'the end of the turn' });
    expect(interrupts).toEqual(['/v1/turns/unwanted/interrupt']);
    expect(await host.alive()).toEqual([lease.live.sandboxId]);
    taken.release();
  });
});

describe('a task that moves between hosts', () => {
  /** Two hosts with one archive, and a note in the workspace that the task has there. */
  async function twoHosts() {
    const shared = cleanUp.use(await temporaryFolder());
    const open = async (managerId: string) => {
      const host = await openHost({ blobUrl: `file:${shared.path}` });
      const pool = await host.open({ archiveEachTurn: true }, { managerId });
      const archived = async () => Buffer.from((await host.blob.read(KEY)) ?? []).length;
      return {
        ...host,
        pool,
        /** A run that finds one note and leaves another; gives what it found. */
        async run(note: string, lastManagerId?: string): Promise<string> {
          const context = contextOf('one', lastManagerId === undefined ? {} : { lastManagerId });
          const lease = await pool.acquire({ context, executionId: note });
          const file = path.join(host.root, lease.live.sandboxId, 'workspace', 'note');
          const found = await readFile(file, 'utf8').catch(() => '');
          const before = await archived();
          await writeFile(file, note);
          lease.release();
          await waitFor(async () => (await archived()) !== before, { what: 'the archive' });
          return found;
        },
      };
    };
    return { a: await open('a'), b: await open('b') };
  }
  const KEY = 'workspaces/one.tar.zst';

  test('goes on with the newest of its folders, and the others are dropped', async () => {
    const { a, b } = await twoHosts();
    expect(await a.run('1')).toBe('');
    expect(await b.run('one and two', 'a')).toBe('1');
    const stale = await a.folders();
    expect(await a.run('one, two and three', 'b')).toBe('one and two');
    expect(await a.folders()).not.toEqual(stale);
    expect(await a.folders()).toHaveLength(1);
    expect(await a.run('four and all that was before it', 'a')).toBe('one, two and three');
  });

  test('keeps a folder that another id of the same host used last, and one without an archive', async () => {
    const host = await openHost();
    const first = await host.open({}, { managerId: 'first' });
    const lease = await first.acquire({ context: contextOf('one'), executionId: 'run' });
    lease.release();
    await first.close({ keepBusy: false });
    const second = await host.open({}, { managerId: 'second' });
    const same = await second.acquire({ context: contextOf('one', { lastManagerId: 'first' }) });
    expect(same.live.sandboxId).toBe(lease.live.sandboxId);
    same.release();
    const kept = await second.acquire({ context: contextOf('one', { lastManagerId: 'elsewhere' }) });
    expect(kept.live.sandboxId).toBe(lease.live.sandboxId);
    kept.release();
  });
});
