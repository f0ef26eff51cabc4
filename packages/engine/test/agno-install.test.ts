import { existsSync } from 'node:fs';
import { chmod, mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder, waitFor } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { engineState, installEngine } from '../src/index.ts';
import { CATALOG } from '../src/install/catalog.ts';

const name = 'agno';
const VERSION = CATALOG[name].version;
const NO_UV = '/no/such/uv';
/** What pip is told lies where with `--target`. */
const PIP =
  'while [ "$1" != --target ]; do shift; done; umask 077; mkdir -p "$2/agno"; echo x > "$2/agno/__init__.py"';

/** A program in the place of Python that answers as it would, and does `pip` when it shall install. */
async function fakePython(
  folder: string,
  { version = '3.11', hasPip = 'True', pip = PIP, tries = 'exit 0', file = 'python3' } = {},
): Promise<string> {
  const path = join(folder, file);
  const script = `#!/bin/bash
echo "$@" | tr '\\n' ' ' >> ${path}.calls; echo >> ${path}.calls
case "$*" in
  *"-m pip"*) ${pip} ;;
  *compileall*) exit 0 ;;
  *find_spec*) echo "${version} ${hasPip}" ;;
  *) ${tries} ;;
esac
`;
  await writeFile(path, script);
  await chmod(path, 0o755);
  return path;
}

describe('installEngine of Agno', () => {
  it('puts the library there as a whole, for everybody to read, for the Python that was found', async () => {
    await using folder = await temporaryFolder();
    const python = await fakePython(folder.path);
    const engines = join(folder.path, 'engines');
    const progress: number[] = [];
    const state = await installEngine({
      ...{ name, folder: engines, python: { uv: NO_UV, programs: ['/no/python', python] } },
      onProgress: (reached) => progress.push(reached),
    });
    expect(state).toEqual({ name, state: 'installed', version: VERSION });
    expect(progress.at(-1)).toBe(1);
    expect(await readdir(engines)).toEqual(['agno']);
    const mark = JSON.parse(await readFile(join(engines, 'agno/engine.json'), 'utf8'));
    expect(mark).toEqual({ name, version: VERSION, python: '3.11' });
    expect((await stat(join(engines, 'agno/lib/agno'))).mode & 0o777).toBe(0o755);
    expect((await stat(join(engines, 'agno/lib/agno/__init__.py'))).mode & 0o777).toBe(0o644);
    expect(existsSync(join(engines, 'agno/tmp'))).toBe(false);
    const calls = await readFile(`${python}.calls`, 'utf8');
    expect(calls).toContain(`agno[openai,anthropic,google,mcp,sqlite]==${VERSION}`);
    expect(calls).toContain('--only-binary :all:');
    // Again: nothing is fetched.
    await installEngine({ name, folder: engines, python: { uv: NO_UV, programs: [python] } });
    expect((await readFile(`${python}.calls`, 'utf8')).split('-m pip')).toHaveLength(2);
  });

  it('can be made for another Python than that of this machine, and replaces what was there', async () => {
    await using folder = await temporaryFolder();
    const python = await fakePython(folder.path);
    const given = { name, folder: folder.path, python: { uv: NO_UV, programs: [python] } } as const;
    await installEngine(given);
    await installEngine({ ...given, pythonVersion: '3.13' });
    expect(await readFile(`${python}.calls`, 'utf8')).toContain('--python-version 3.13');
    expect(JSON.parse(await readFile(join(folder.path, 'agno/engine.json'), 'utf8'))).toMatchObject({
      python: '3.13',
    });
    for (const pythonVersion of ['3.9', '2.7', '4.0', 'newest', '3.11; rm -rf /'])
      await expect(installEngine({ ...given, pythonVersion })).rejects.toThrow(
        `wanted was “${pythonVersion}”`,
      );
    expect(await engineState({ name, folder: folder.path })).toMatchObject({ state: 'installed' });
  });

  it('takes uv where there is one', async () => {
    await using folder = await temporaryFolder();
    const python = await fakePython(folder.path, { hasPip: 'False' });
    const uv = join(folder.path, 'uv');
    await writeFile(uv, `#!/bin/bash\necho "$@" >> ${uv}.calls\n[ "$1" = --version ] || { ${PIP}; }\n`);
    await chmod(uv, 0o755);
    await installEngine({ name, folder: folder.path, python: { uv, programs: [python] } });
    expect(await readFile(`${uv}.calls`, 'utf8')).toMatch(/pip install --python-version 3\.11 --only-binary/);
  });

  it.each([
    [[], 'There is no Python on this machine'],
    [[{ version: '3.8' }], 'is 3.8, which is too old'],
    [[{ hasPip: 'False' }], 'neither pip nor uv'],
    [[{ pip: 'echo "NewConnectionError: Network is unreachable" >&2; exit 1' }], 'index cannot be reached'],
    [[{ pip: 'echo "No space left on device" >&2; exit 1' }], 'no space left'],
    [
      [{ pip: 'echo "ERROR: No matching distribution found for agno" >&2; exit 1' }],
      'has not all of it for Python 3.11',
    ],
    [[{ pip: 'echo "403 Client Error: Forbidden" >&2; exit 1' }], 'refused access'],
    [[{ pip: 'echo "[Errno 13] Permission denied" >&2; exit 1' }], 'may not write there'],
    [[{ pip: 'echo something else >&2; exit 7' }], 'something else'],
    [[{ tries: 'echo "ImportError: no such thing"; exit 1' }], 'does not run on this machine: ImportError'],
  ])('%j: says what is wrong and leaves nothing behind', async (pythons, message) => {
    await using folder = await temporaryFolder();
    const programs = await Promise.all(pythons.map((each) => fakePython(folder.path, each)));
    const engines = join(folder.path, 'engines');
    await mkdir(engines);
    await expect(installEngine({ name, folder: engines, python: { uv: NO_UV, programs } })).rejects.toThrow(
      message,
    );
    expect(await readdir(engines)).toEqual([]);
    expect(await engineState({ name, folder: engines })).toEqual({ name, state: 'missing' });
  });

  it('stops when it is told to, with what the installer started', async () => {
    await using folder = await temporaryFolder();
    const pidFile = join(folder.path, 'pid');
    const python = await fakePython(folder.path, { pip: `tail -f /dev/null & echo $! > ${pidFile}; wait` });
    const stop = new AbortController();
    const engines = join(folder.path, 'engines');
    const running = installEngine({
      ...{ name, folder: engines, signal: stop.signal, python: { uv: NO_UV, programs: [python] } },
    });
    const failed = expect(running).rejects.toThrow('enough');
    const pid = await waitFor(async () => Number(await readFile(pidFile, 'utf8')), { what: 'pip to start' });
    stop.abort(new Error('enough'));
    await failed;
    expect(await readdir(engines)).toEqual([]);
    await waitFor(() => !existsSync(`/proc/${pid}`), { what: 'the child of pip to end' });
  });
});
