import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import {
  chmod,
  chown,
  copyFile,
  mkdir,
  open as openFile,
  readdir,
  readFile,
  readlink,
  writeFile,
} from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { describeWith, temporaryFolder, waitFor } from '@wegent/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createLocalDriver, type SandboxDriver } from '../src/index.ts';
import { startGated } from '../src/process/gated-process.ts';
import { findProcess } from '../src/process/process-table.ts';
import { runIn, STAND_IN, TOKEN } from './stand-in.ts';

const PROGRAM = fileURLToPath(new URL('./manager-program.ts', import.meta.url));
const ORDINARY = 61_234;

describeWith(['bubblewrap'], 'local sandboxes without their manager', () => {
  let folder: Awaited<ReturnType<typeof temporaryFolder>>;
  let driver: SandboxDriver;
  const managers: ChildProcess[] = [];

  beforeEach(async () => {
    folder = await temporaryFolder();
    driver = await openDriver(folder.path);
  });

  afterEach(async () => {
    for (const manager of managers.splice(0)) manager.kill('SIGKILL');
    await driver.removeOrphans(new Set());
    await (await openDriver(join(folder.path, 'own'))).removeOrphans(new Set());
    await folder[Symbol.asyncDispose]();
  });

  function manager(job: string): ChildProcess {
    const child = spawn(process.execPath, [PROGRAM, job, folder.path], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    managers.push(child);
    return child;
  }

  test('one whose manager was killed lives on, and the next manager takes it over', async () => {
    const first = manager('live');
    await firstLine(first);
    first.kill('SIGKILL');
    await once(first, 'exit');
    const [sandbox] = await driver.list();
    if (!sandbox) throw new Error('it was not found');
    expect(sandbox).toMatchObject({ id: 'living', labels: { taskId: 'task', namespace: 'default' } });
    await expect(runIn(sandbox, 'echo here')).resolves.toMatchObject({ stdout: 'here\n' });
    void runIn(sandbox, 'kill -9 $PPID').catch(() => {});
    await expect(sandbox.ended).resolves.toMatchObject({
      cause: 'failed',
      error: { reason: 'SandboxFailed' },
    });
    await expect(driver.list()).resolves.toEqual([]);
  });

  test('one that was half made when its manager was killed is removed, also when somebody wants to keep it', async () => {
    const first = manager('half-made');
    await firstLine(first);
    first.kill('SIGKILL');
    await once(first, 'exit');
    await expect(driver.list()).resolves.toEqual([]);
    const record = JSON.parse(await readFile(join(folder.path, 'state/half.sandbox.json'), 'utf8'));
    const pids: number[] = [record.outer.pid, record.first.pid];
    await expect(Promise.all(pids.map(lives))).resolves.toEqual([true, true]);
    await expect(driver.removeOrphans(new Set(['half']))).resolves.toEqual(['half']);
    await expect(Promise.all(pids.map(lives))).resolves.toEqual([false, false]);
    expect(record.groups.filter(existsSync)).toEqual([]);
    await expect(readdir(join(folder.path, 'sandboxes/half'))).resolves.toContain('workspace');
    await expect(records(folder.path)).resolves.toEqual([]);
  });

  test('a record whose process number belongs to another process now does no harm', async () => {
    const bystander = spawn('sleep', ['1000']);
    try {
      await once(bystander, 'spawn');
      const outer = { pid: bystander.pid, startTime: '1' };
      const record = {
        id: 'old',
        labels: { taskId: '', namespace: '' },
        folder: join(folder.path, 'sandboxes/old'),
        bootId: (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim(),
        diskBytes: 1,
        groups: [],
        outer,
        first: outer,
        ready: true,
      };
      await writeFile(join(folder.path, 'state/old.sandbox.json'), JSON.stringify(record));
      await expect(driver.list()).resolves.toEqual([]);
      await expect(driver.removeOrphans(new Set(['old']))).resolves.toEqual(['old']);
      expect(bystander.exitCode ?? bystander.signalCode).toBe(null);
      await expect(records(folder.path)).resolves.toEqual([]);
    } finally {
      bystander.kill('SIGKILL');
    }
  });

  test('another installation may have a sandbox of the same id', async () => {
    await using elsewhere = await temporaryFolder();
    const other = await openDriver(elsewhere.path);
    const ours = await driver.create(specOf(folder.path, 'same'));
    const theirs = await other.create(specOf(elsewhere.path, 'same'));
    await expect(theirs.kill()).resolves.toEqual({ cause: 'killed' });
    await expect(runIn(ours, 'echo alive')).resolves.toMatchObject({ stdout: 'alive\n' });
    await expect(other.removeOrphans(new Set())).resolves.toEqual([]);
  });

  test('a start that is cut off between its steps leaves no process', async () => {
    // As after a crash: the record names the outer process alone.
    await driver.create(specOf(folder.path, 'cut'));
    const file = join(folder.path, 'state/cut.sandbox.json');
    const { first, groups: _groups, ...rest } = JSON.parse(await readFile(file, 'utf8'));
    await writeFile(file, JSON.stringify({ ...rest, groups: [], ready: false }));
    const other = await openDriver(folder.path);
    await expect(other.removeOrphans(new Set())).resolves.toEqual(['cut']);
    await waitFor(async () => !(await findProcess(first.pid)), { what: 'its first process to end' });
    await waitFor(async () => !(await findProcess(rest.outer.pid)), { what: 'its outer process to end' });
  });

  test('a process whose manager dies before it may begin does not begin', async () => {
    const marker = join(folder.path, 'began');
    const log = await openFile(join(folder.path, 'log'), 'w');
    const argv = ['touch', marker];
    const abandoned = await startGated({ argv, env: { PATH: '/usr/bin:/bin' }, cwd: '/', log: log.fd });
    abandoned.abandon();
    await abandoned.exited;
    expect(existsSync(marker)).toBe(false);
    const opened = await startGated({ argv, env: { PATH: '/usr/bin:/bin' }, cwd: '/', log: log.fd });
    await opened.open();
    await opened.exited;
    expect(existsSync(marker)).toBe(true);
    await log.close();
  });

  test('nothing of a fork bomb survives its sandbox', async () => {
    const sandbox = await driver.create(specOf(folder.path, 'bomb'));
    const record = JSON.parse(await readFile(join(folder.path, 'state/bomb.sandbox.json'), 'utf8'));
    // bash tries again where it cannot fork, so that the bomb goes on at its limit.
    void runIn(sandbox, `bash -c 'bomb() { bomb & bomb & wait; }; bomb'`).catch(() => {});
    const inside = async () => (await namespaceOf(record.first.pid)) ?? [];
    await waitFor(async () => (await inside()).length > 40, {
      what: 'the bomb to spread',
      timeoutMs: 30_000,
    });
    const bombs = await inside();
    await expect(sandbox.kill()).resolves.toEqual({ cause: 'killed' });
    const left = await Promise.all(bombs.map(findProcess));
    expect(left.filter(Boolean)).toEqual([]);
    expect(record.groups.filter(existsSync)).toEqual([]);
  });

  test('a folder deeper than a socket’s path may be long', async () => {
    const deep = join(folder.path, ...Array<string>(6).fill('a-folder-with-a-long-name'), 'sandbox');
    const spec = { ...specOf(folder.path, 'deep'), folder: deep };
    const sandbox = await driver.create(spec);
    await expect(runIn(sandbox, 'echo deep > note')).resolves.toMatchObject({ code: 0 });
    const [found] = await (await openDriver(folder.path)).list();
    if (!found) throw new Error('it was not found');
    await expect(runIn(found, 'cat note')).resolves.toMatchObject({ stdout: 'deep\n' });
    await found.kill();
  });

  test('one that computes gets no more of the processors than it may', async ({ skip }) => {
    if (!/cpu limited by control groups/.test(driver.isolation)) skip('nothing limits processors here');
    const sandbox = await driver.create({ ...specOf(folder.path, 'busy'), limits: { cpu: 0.2 } });
    const record = JSON.parse(await readFile(join(folder.path, 'state/busy.sandbox.json'), 'utf8'));
    await runIn(sandbox, "timeout 1 sh -c 'while :; do :; done'");
    const counters = await Promise.all(
      record.groups.map((group: string) => readFile(join(group, 'cpu.stat'), 'utf8').catch(() => '')),
    );
    expect(Number(/^nr_throttled (\d+)$/m.exec(counters.join('\n'))?.[1])).toBeGreaterThan(0);
  });

  test('one that fills the disk ends, and says which limit it was', async () => {
    const sandbox = await driver.create({ ...specOf(folder.path, 'full'), limits: { disk: '20Mi' } });
    const tooLarge = await runIn(sandbox, 'head -c 30M /dev/zero > one-file');
    expect(tooLarge.code).not.toBe(0);
    const fill = 'for i in 1 2 3; do head -c 9M /dev/zero > /home/agent/part-$i; done';
    await runIn(sandbox, fill).catch(() => {});
    await expect(sandbox.ended).resolves.toMatchObject({
      cause: 'failed',
      error: { reason: 'SandboxFailed', message: expect.stringMatching(/disk.*limit of 20 MiB/) },
    });
  });

  test.skipIf(process.getuid?.() !== 0)(
    'an ordinary user makes them too, with limits of its own',
    async () => {
      const own = join(folder.path, 'own');
      const node = join(folder.path, 'node');
      await chmod(folder.path, 0o755);
      await mkdir(own, { mode: 0o700 });
      await writeFile(join(own, 'secret'), 'the secret of the host');
      await chown(own, ORDINARY, ORDINARY);
      await chown(join(own, 'secret'), ORDINARY, ORDINARY);
      // The tests' own may lie where only root may enter.
      await copyFile(process.execPath, node);
      // A file that is open by chance, and that no child was meant to have.
      const script = 'exec 200< "$1/secret"; shift; exec "$@"';
      const user = ['--reuid', String(ORDINARY), '--regid', String(ORDINARY), '--clear-groups'];
      const child = spawn(
        'bash',
        ['-c', script, 'bash', own, 'setpriv', ...user, node, PROGRAM, 'everything', own],
        { stdio: ['ignore', 'pipe', 'inherit'], env: { PATH: '/usr/bin:/bin' } },
      );
      managers.push(child);
      const told = JSON.parse(await firstLine(child));
      expect(told.probe).toMatchObject({ ok: true });
      expect(told.isolation).toContain('the user of the manager');
      expect(told.uid.stdout).toMatch(/^1000\n\s*1000\s+0\s+1\n/);
      expect(told.write.stdout).toBe('');
      expect(told.write.stderr).toMatch(/secret: No such file/);
      expect(told.write.stderr.match(/Read-only file system/g)).toHaveLength(2);
      expect(told.files.join('\n')).not.toContain('secret');
      expect(told.files.join('\n')).not.toContain('seccomp');
      const started = Number(await readFile(join(own, 'sandboxes/all/workspace/count'), 'utf8'));
      expect(started).toBeGreaterThan(5);
      expect(started).toBeLessThan(64);
      expect(told.killed).toEqual({ cause: 'killed' });
      expect(told.end).toMatchObject({ cause: 'failed', error: { reason: 'SandboxOutOfMemory' } });
      expect(told.left).toEqual([]);
    },
  );
});

function openDriver(folder: string): Promise<SandboxDriver> {
  return createLocalDriver({
    stateFolder: join(folder, 'state'),
    nodePath: process.execPath,
    executorFile: STAND_IN,
    enginesFolder: join(folder, 'engines'),
  });
}

function specOf(folder: string, id: string) {
  return {
    id,
    labels: { taskId: 'task', namespace: 'default' },
    limits: { memory: '256Mi', pids: 64 },
    folder: join(folder, 'sandboxes', id),
    token: TOKEN,
    env: {},
    startMs: 60_000,
  };
}

/** What a program says first; rejects when it ends without. */
async function firstLine(child: ChildProcess): Promise<string> {
  if (!child.stdout) throw new Error('it has no output');
  for await (const line of createInterface({ input: child.stdout })) return line;
  throw new Error('the program ended without a word');
}

async function lives(pid: number): Promise<boolean> {
  return (await findProcess(pid)) !== undefined;
}

/** Numbers of all processes in the name space of processes that this one is in. */
async function namespaceOf(pid: number): Promise<number[] | undefined> {
  const own = await readlink(`/proc/${pid}/ns/pid`).catch(() => undefined);
  if (own === undefined) return undefined;
  const numbers = (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number);
  const spaces = await Promise.all(
    numbers.map((number) => readlink(`/proc/${number}/ns/pid`).catch(() => undefined)),
  );
  return numbers.filter((_number, index) => spaces[index] === own);
}

async function records(folder: string): Promise<string[]> {
  return (await readdir(join(folder, 'state'))).filter((name) => name.endsWith('.sandbox.json'));
}
