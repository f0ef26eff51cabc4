import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { join } from 'node:path';
import { waitFor } from '@wegent/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { Sandbox, SandboxDriver, SandboxSpec } from '../src/index.ts';
import { runIn, TOKEN } from './stand-in.ts';

/** A driver under test and what only the test can do to its sandboxes. */
export interface DriverUnderTest extends AsyncDisposable {
  driver: SandboxDriver;
  /** Makes it use more memory than it may; the sandbox must end of it. */
  exhaustMemory(sandbox: Sandbox): Promise<void> | void;
  /** The folders of sandboxes are made below this one. */
  root: string;
  /** Changes to a spec that keep its executor from ever listening. */
  hanging: Partial<SandboxSpec>;
}

/** One whose sandboxes are processes with the stand-in executor. */
export interface ProcessDriverUnderTest extends DriverUnderTest {
  /** The driver of another manager of this installation on this host. */
  reopen(): SandboxDriver | Promise<SandboxDriver>;
  /** Changes to a spec whose executor ends at once, after it wrote `broken on purpose` to stderr. */
  breaking: Partial<SandboxSpec>;
  /** False where nothing counts processes. */
  limitsPids: boolean;
}

/** What every sandbox driver does. */
export function sandboxContract(open: () => Promise<DriverUnderTest>): void {
  const { under, specOf, ids } = suite(open);

  test('a sandbox can be reached once it is made, and is listed with its labels', async () => {
    const spec = specOf();
    const sandbox = await under().driver.create(spec);
    await expect(reach(sandbox)).resolves.toBe(true);
    const [listed] = await under().driver.list();
    expect(listed).toMatchObject({ id: spec.id, labels: spec.labels, address: sandbox.address });
    await expect(sandbox.oomKills()).resolves.toBe(0);
  });

  test('stop ends it and gives everything back', async () => {
    const sandbox = await under().driver.create(specOf());
    await expect(sandbox.stop(5000)).resolves.toEqual({ cause: 'stopped' });
    await expect(sandbox.ended).resolves.toEqual({ cause: 'stopped' });
    await expect(ids()).resolves.toEqual([]);
    await expect(reach(sandbox)).resolves.toBe(false);
  });

  test('kill ends it; what comes after tells the same', async () => {
    const sandbox = await under().driver.create(specOf());
    await expect(sandbox.kill()).resolves.toEqual({ cause: 'killed' });
    await expect(sandbox.stop(1000)).resolves.toEqual({ cause: 'killed' });
    await expect(reach(sandbox)).resolves.toBe(false);
  });

  test('one that used too much memory ended with SandboxOutOfMemory', async () => {
    const sandbox = await under().driver.create(specOf());
    await under().exhaustMemory(sandbox);
    await expect(sandbox.ended).resolves.toMatchObject({
      cause: 'failed',
      error: { reason: 'SandboxOutOfMemory' },
    });
    await expect(ids()).resolves.toEqual([]);
  });

  test('several live side by side at addresses of their own; an id lives once', async () => {
    const spec = specOf();
    const attempts = await Promise.allSettled(
      [spec, spec, specOf()].map((each) => under().driver.create(each)),
    );
    expect(attempts.map(({ status }) => status).sort()).toEqual(['fulfilled', 'fulfilled', 'rejected']);
    expect(attempts.find(({ status }) => status === 'rejected')).toMatchObject({
      reason: { reason: 'AlreadyExists' },
    });
    const sandboxes = await under().driver.list();
    expect(new Set(sandboxes.map(({ address }) => JSON.stringify(address))).size).toBe(2);
    await expect(Promise.all(sandboxes.map(reach))).resolves.toEqual([true, true]);
  });

  test('orphans are removed, the others stay', async () => {
    const kept = await under().driver.create(specOf());
    const orphan = await under().driver.create(specOf());
    await expect(under().driver.removeOrphans(new Set([kept.id]))).resolves.toEqual([orphan.id]);
    await expect(orphan.ended).resolves.toEqual({ cause: 'killed' });
    await expect(ids()).resolves.toEqual([kept.id]);
    await expect(reach(kept)).resolves.toBe(true);
  });

  test('nothing stays of one that does not start in time, or is not wanted any more', async () => {
    const { driver, hanging } = under();
    await expect(driver.create(specOf({ ...hanging, startMs: 300 }))).rejects.toMatchObject({
      reason: 'Timeout',
    });
    const reason = new Error('not wanted');
    await expect(driver.create(specOf(), AbortSignal.abort(reason))).rejects.toBe(reason);
    await expect(ids()).resolves.toEqual([]);
  });

  test('it says how it isolates, and what a sandbox gets by default', () => {
    expect(under().driver.isolation).not.toBe('');
    expect(under().driver.defaults.memoryBytes).toBeGreaterThan(0);
  });
}

/** What every driver does whose sandboxes are real processes; they run the stand-in executor. */
export function processContract(open: () => Promise<ProcessDriverUnderTest>): void {
  const { under, specOf, ids } = suite(open);

  test('what is written in the workspace is on the host, and stays there for the next sandbox', async () => {
    const spec = specOf();
    const first = await under().driver.create(spec);
    await expect(
      runIn(first, 'echo "$GREETING" > "$WEGENT_WORKSPACE/note" && echo home > "$WEGENT_HOME/note"'),
    ).resolves.toMatchObject({ code: 0 });
    await expect(readFile(join(spec.folder, 'workspace/note'), 'utf8')).resolves.toBe('hello\n');
    await first.stop(5000);
    const second = await under().driver.create({ ...spec, token: TOKEN });
    const seen = await runIn(
      second,
      'cat "$WEGENT_WORKSPACE/note" "$WEGENT_HOME/note" && echo more >> "$WEGENT_WORKSPACE/note"',
    );
    expect(seen).toMatchObject({ code: 0, stdout: 'hello\nhome\n' });
  });

  test('the token is gone once the executor has it, and after a start that failed', async () => {
    const spec = specOf();
    await under().driver.create(spec);
    expect(existsSync(join(spec.folder, 'run/token'))).toBe(false);
    const broken = specOf(under().breaking);
    await expect(under().driver.create(broken)).rejects.toThrow();
    expect(existsSync(join(broken.folder, 'run/token'))).toBe(false);
  });

  test('an executor that ends before it listens is ServiceUnavailable, with its last words', async () => {
    const failure = await under()
      .driver.create(specOf(under().breaking))
      .catch((error: unknown) => error);
    expect(failure).toMatchObject({ reason: 'ServiceUnavailable' });
    expect(String(failure)).toContain('broken on purpose');
    await expect(ids()).resolves.toEqual([]);
  });

  test('a start that is called off leaves nothing', async () => {
    const { driver, hanging } = under();
    const spec = specOf(hanging);
    const calledOff = new AbortController();
    const starting = driver.create(spec, calledOff.signal);
    const outcome = starting.catch((error: unknown) => error);
    await waitFor(() => existsSync(join(spec.folder, 'workspace/started')), {
      what: 'the executor to run',
      timeoutMs: 30_000,
    });
    const reason = new Error('not wanted');
    calledOff.abort(reason);
    await expect(outcome).resolves.toBe(reason);
    await expect(ids()).resolves.toEqual([]);
    // Nothing of it keeps the id either.
    const { HANG: _hang, ...env } = spec.env;
    await expect(driver.create({ ...spec, env })).resolves.toMatchObject({ id: spec.id });
  });

  test('stop asks first, and kills what does not listen', async () => {
    const { driver } = under();
    const spec = specOf();
    const polite = await driver.create(spec);
    await polite.stop(20_000);
    expect(existsSync(join(spec.folder, 'workspace/asked-to-end'))).toBe(true);
    const stubborn = await driver.create(specOf({ env: { STUBBORN: '1' } }));
    await expect(stubborn.stop(50)).resolves.toEqual({ cause: 'stopped' });
    await expect(reach(stubborn)).resolves.toBe(false);
  });

  test('one whose executor dies has failed, with what it said last', async () => {
    const sandbox = await under().driver.create(specOf());
    void runIn(sandbox, 'kill -9 $PPID').catch(() => {});
    await expect(sandbox.ended).resolves.toMatchObject({
      cause: 'failed',
      error: { reason: 'SandboxFailed' },
    });
    await expect(ids()).resolves.toEqual([]);
  });

  test('another manager finds it, reaches it and ends it', async () => {
    const spec = specOf();
    const made = await under().driver.create(spec);
    const other = await under().reopen();
    const [found, ...rest] = await other.list();
    if (!found) throw new Error('it was not found');
    expect(rest).toEqual([]);
    expect(found).toMatchObject({ id: spec.id, labels: spec.labels });
    await expect(runIn(found, 'echo still here')).resolves.toMatchObject({ stdout: 'still here\n' });
    await expect(other.create(spec)).rejects.toMatchObject({ reason: 'AlreadyExists' });
    await expect(found.kill()).resolves.toEqual({ cause: 'killed' });
    await expect(reach(made)).resolves.toBe(false);
    await made.ended;
    await expect(ids()).resolves.toEqual([]);
  });

  test('another manager hears of its end', async () => {
    const made = await under().driver.create(specOf());
    const [found] = await (await under().reopen()).list();
    if (!found) throw new Error('it was not found');
    await made.kill();
    await expect(found.ended).resolves.toMatchObject({ cause: 'failed' });
  });

  test('another manager removes it when it belongs to nobody', async () => {
    const made = await under().driver.create(specOf());
    const other = await under().reopen();
    await expect(other.removeOrphans(new Set([made.id]))).resolves.toEqual([]);
    await expect(other.removeOrphans(new Set())).resolves.toEqual([made.id]);
    await made.ended;
    await expect(reach(made)).resolves.toBe(false);
    await expect(other.list()).resolves.toEqual([]);
  });

  test('a fork bomb is held, and ends with its sandbox', async ({ skip }) => {
    if (!under().limitsPids) skip('nothing counts processes here');
    const spec = specOf();
    const sandbox = await under().driver.create(spec);
    const bomb =
      'i=0; while [ $i -lt 400 ]; do sleep 1000 & echo $i > "$WEGENT_WORKSPACE/count"; i=$((i+1)); done';
    await runIn(sandbox, `(${bomb}) > /dev/null 2>&1 < /dev/null`).catch(() => {});
    const started = Number(await readFile(join(spec.folder, 'workspace/count'), 'utf8'));
    expect(started).toBeGreaterThan(5);
    expect(started).toBeLessThan(PIDS);
    await expect(sandbox.kill()).resolves.toEqual({ cause: 'killed' });
    await expect(reach(sandbox)).resolves.toBe(false);
  });

  test('a child that used too much memory is counted', async ({ skip }) => {
    const sandbox = await under().driver.create(specOf());
    if ((await sandbox.memoryBytes()) === undefined) skip('nobody counts memory here');
    // The shell's own variable grows until the kernel ends it.
    const hungry = 'a=0123456789012345678901234567890123456789; while :; do a=$a$a; done';
    const { code } = await runIn(sandbox, `sh -c '${hungry}'`);
    expect(code).not.toBe(0);
    await expect(sandbox.oomKills()).resolves.toBeGreaterThan(0);
    await expect(runIn(sandbox, 'echo alive')).resolves.toMatchObject({ stdout: 'alive\n' });
  });
}

const PIDS = 128;

function suite<Under extends DriverUnderTest>(open: () => Promise<Under>) {
  let opened: Under;

  beforeEach(async () => {
    opened = await open();
  });

  afterEach(async () => {
    await opened.driver.removeOrphans(new Set());
    await opened[Symbol.asyncDispose]();
  });

  const specOf = (changes: Partial<SandboxSpec> = {}): SandboxSpec => {
    const id = randomBytes(6).toString('hex');
    return {
      id,
      labels: { taskId: 'task', namespace: 'default' },
      limits: { memory: '256Mi', pids: PIDS, disk: '1Gi' },
      folder: join(opened.root, id),
      token: TOKEN,
      startMs: 60_000,
      ...changes,
      env: { GREETING: 'hello', ...changes.env },
    };
  };
  return {
    under: () => opened,
    specOf,
    ids: async () => (await opened.driver.list()).map(({ id }) => id).sort(),
  };
}

/** Does somebody listen at its address? */
function reach({ address }: Sandbox): Promise<boolean> {
  const socket = address.type === 'unix' ? connect(address.path) : connect(address.port, address.host);
  return new Promise((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}
