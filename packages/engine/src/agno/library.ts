import { execFile } from 'node:child_process';
import { access, constants, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { promisify } from 'node:util';
import { z } from 'zod';
import { RunFailure } from '../run-failure.ts';

/** The installed library and the Python that runs it. */
export interface AgnoLibrary {
  python: string;
  /** What stands first in Python's path. */
  folder: string;
}

const INSTALL = 'npm run engines:install -- agno';
const FOLDERS = ['/usr/bin', '/usr/local/bin'];
const PROBE = 'import sys; print("%d.%d" % sys.version_info[:2])';

const Mark = z.object({ python: z.string().regex(/^3\.\d+$/) });

/**
 * Finds what the installer laid down, and a Python of the version that it was made for: its compiled parts fit no other.
 * Rejects with EngineNotInstalled where one of them is missing.
 */
export async function findAgno(
  enginesFolder: string,
  path: string | undefined,
  folders: readonly string[] = FOLDERS,
): Promise<AgnoLibrary> {
  const folder = join(enginesFolder, 'agno');
  const mark = await readFile(join(folder, 'engine.json'), 'utf8').then(readMark, () => undefined);
  if (!mark) {
    throw missing(
      `Agno is not installed here. An administrator can install it on the page Admin → Executors, or with: ${INSTALL}`,
    );
  }
  const searched = [...folders, ...(path ?? '').split(delimiter)];
  const python = await findProgram(`python${mark.python}`, searched);
  if (python !== undefined) return { python, folder: join(folder, 'lib') };
  const other = await findProgram('python3', searched);
  if (other === undefined) {
    throw missing(
      `Agno needs Python ${mark.python}, and this sandbox has no Python. An administrator can install python3 where sandboxes run, or in the image of the Shell.`,
    );
  }
  const version = await promisify(execFile)(other, ['-I', '-c', PROBE], { timeout: 10_000 }).then(
    ({ stdout }) => stdout.trim(),
    () => 'another version',
  );
  if (version === mark.python) return { python: other, folder: join(folder, 'lib') };
  throw missing(
    `Agno was installed for Python ${mark.python}, and this sandbox has Python ${version}. An administrator can install it for that one with: ${INSTALL} --python ${/^3\.\d+$/.test(version) ? version : '3.x'}`,
  );
}

/** Agno is there, but Python cannot load it. */
export function brokenLibrary(problem: { message: string; python: string }, detail: string): RunFailure {
  return new RunFailure({
    reason: 'EngineNotInstalled',
    message: `Agno cannot be loaded by Python ${problem.python} of this sandbox (${problem.message.slice(0, 300)}). An administrator can install it again: remove the folder agno of the engines, then ${INSTALL}`,
    retryable: false,
    ...(detail === '' ? {} : { detail }),
  });
}

function readMark(text: string): z.infer<typeof Mark> | undefined {
  try {
    return Mark.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

async function findProgram(name: string, folders: readonly string[]): Promise<string | undefined> {
  for (const folder of folders) {
    if (!folder.startsWith('/')) continue;
    const file = join(folder, name);
    const found = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (found) return file;
  }
  return undefined;
}

function missing(message: string): RunFailure {
  return new RunFailure({ reason: 'EngineNotInstalled', message, retryable: false });
}
