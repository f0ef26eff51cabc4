import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { engineState, installEngine } from '../src/index.ts';
import { CATALOG } from '../src/install/catalog.ts';

const name = 'claude-code';
const VERSION = CATALOG[name].version;

/** A program in the place of npm that lays down what npm would, or fails as npm does. */
async function fakeNpm(folder: string, script: string): Promise<string> {
  const file = join(folder, 'npm');
  await writeFile(file, `#!/bin/bash\necho run >> ${join(folder, 'runs')}\n${script}\n`);
  await chmod(file, 0o755);
  return file;
}

const PROGRAM = 'node_modules/@anthropic-ai/claude-agent-sdk-linux-test';
const GOOD = `mkdir -p ${PROGRAM}; umask 077; printf '#!/bin/sh\\necho 1.2.3\\n' > ${PROGRAM}/claude; mkdir private; echo x > private/file`;

describe('installEngine', () => {
  it('puts the engine there as a whole, for everybody to read', async () => {
    await using folder = await temporaryFolder();
    const npm = await fakeNpm(folder.path, `${GOOD}; head -c 50000000 /dev/zero > private/big; sleep 1.2`);
    const engines = join(folder.path, 'engines');
    expect(await engineState({ name, folder: engines })).toEqual({ name, state: 'missing' });
    await mkdir(join(engines, 'claude-code.partial/leftover'), { recursive: true });
    const progress: number[] = [];
    const states: string[] = [];
    const state = await installEngine({
      name,
      folder: engines,
      npm,
      onProgress: (reached) => {
        progress.push(reached);
        void engineState({ name, folder: engines }).then((each) => states.push(each.state));
      },
    });
    expect(state).toEqual({ name, state: 'installed', version: VERSION });
    expect(await engineState({ name, folder: engines })).toEqual(state);
    expect(progress.at(-1)).toBe(1);
    expect(progress).toEqual(progress.toSorted((left, right) => left - right));
    expect(progress.some((reached) => reached > 0.05 && reached < 1)).toBe(true);
    expect(states).toContain('installing');
    expect(await readdir(engines)).toEqual(['claude-code']);
    const place = join(engines, 'claude-code');
    expect(existsSync(join(place, 'leftover'))).toBe(false);
    expect((await stat(join(place, 'private'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(place, 'private/file'))).mode & 0o777).toBe(0o644);
    expect((await stat(join(place, PROGRAM, 'claude'))).mode & 0o777).toBe(0o755);
    expect(JSON.parse(await readFile(join(place, 'package.json'), 'utf8'))).toMatchObject({
      dependencies: { '@anthropic-ai/claude-agent-sdk': VERSION },
    });
    // Again: nothing to do.
    await installEngine({ name, folder: engines, npm });
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('run\n');
  });

  it('replaces an older version', async () => {
    await using folder = await temporaryFolder();
    const npm = await fakeNpm(folder.path, GOOD);
    await mkdir(join(folder.path, 'claude-code'));
    await writeFile(join(folder.path, 'claude-code/engine.json'), '{"version":"0.0.1"}');
    expect(await engineState({ name, folder: folder.path })).toMatchObject({ version: '0.0.1' });
    const state = await installEngine({ name, folder: folder.path, npm });
    expect(state.version).toBe(VERSION);
    expect((await readdir(folder.path)).filter((each) => each.startsWith('claude'))).toEqual(['claude-code']);
  });

  it('is done once when two ask at once, and taken over from one that died', async () => {
    await using folder = await temporaryFolder();
    const npm = await fakeNpm(folder.path, `${GOOD}; sleep 0.5`);
    const engines = join(folder.path, 'engines');
    const both = await Promise.all([
      installEngine({ name, folder: engines, npm }),
      installEngine({ name, folder: engines, npm }),
    ]);
    expect(both.map(({ state }) => state)).toEqual(['installed', 'installed']);
    expect(await readFile(join(folder.path, 'runs'), 'utf8')).toBe('run\n');

    const other = join(folder.path, 'other');
    await mkdir(other);
    await writeFile(join(other, 'claude-code.lock'), '999999');
    const long = new Date(Date.now() - 60_000);
    await utimes(join(other, 'claude-code.lock'), long, long);
    expect(await engineState({ name, folder: other })).toEqual({ name, state: 'missing' });
    expect(await installEngine({ name, folder: other, npm })).toMatchObject({ state: 'installed' });
  });

  it.each([
    ['echo "npm error code ENOTFOUND" >&2; exit 1', 'registry cannot be reached'],
    ['echo "npm error code ENOSPC" >&2; exit 1', 'no space left'],
    ['echo "npm error code E404" >&2; exit 1', 'does not have this version'],
    ['echo "npm error code EACCES" >&2; exit 1', 'may not write there'],
    ['echo "something else" >&2; exit 7', 'something else'],
    ['mkdir -p node_modules', 'no build of it for this machine'],
    [
      `mkdir -p ${PROGRAM}; printf '#!/bin/sh\\nexit 5\\n' > ${PROGRAM}/claude`,
      'does not run on this machine',
    ],
  ])('%j: says what is wrong and leaves nothing behind', async (script, message) => {
    await using folder = await temporaryFolder();
    const npm = await fakeNpm(folder.path, script);
    const engines = join(folder.path, 'engines');
    await expect(installEngine({ name, folder: engines, npm })).rejects.toThrow(message);
    expect(await readdir(engines)).toEqual([]);
    expect(await engineState({ name, folder: engines })).toEqual({ name, state: 'missing' });
  });

  it('says that npm is missing', async () => {
    await using folder = await temporaryFolder();
    const npm = join(folder.path, 'no-npm');
    await expect(installEngine({ name, folder: folder.path, npm })).rejects.toThrow('npm was not found');
  });

  it('stops when it is told to, with what npm started', async () => {
    await using folder = await temporaryFolder();
    const pidFile = join(folder.path, 'pid');
    const npm = await fakeNpm(folder.path, `tail -f /dev/null & echo $! > ${pidFile}; wait`);
    const stop = new AbortController();
    const engines = join(folder.path, 'engines');
    const running = installEngine({ name, folder: engines, npm, signal: stop.signal });
    const failed = expect(running).rejects.toThrow('enough');
    const pid = await waitFor(async () => Number(await readFile(pidFile, 'utf8')), { what: 'npm to start' });
    stop.abort(new Error('enough'));
    await failed;
    expect(await readdir(engines)).toEqual([]);
    await waitFor(() => !alive(pid), { what: 'the child of npm to end' });
  });
});

function alive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}
