import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AGNO_CONSTRAINTS, AGNO_MIN_PYTHON, AGNO_PACKAGES } from '../agno/requirements.ts';
import { runProgram } from './run-program.ts';

/** What installs Python packages here, and for which Python. */
export interface Python {
  /** Such as `3.11`. */
  version: string;
  /** The program and what it needs before `install`. */
  installer: readonly string[];
  /** A Python of that version on this machine; without it nothing can be tried or compiled. */
  program: string | undefined;
}

interface Choice {
  pythonVersion?: string;
  python?: { uv?: string; programs?: readonly string[] };
  signal?: AbortSignal;
}

interface Probed {
  program: string;
  version: string;
  hasPip: boolean;
}

/** Sandboxes have the system's own, so that comes first. */
const PROGRAMS = ['/usr/bin/python3', 'python3'];
const PROBE =
  'import sys, importlib.util as u; print("%d.%d" % sys.version_info[:2], u.find_spec("pip") is not None)';
const TRY =
  'import sys; sys.path.insert(0, sys.argv[1]); import agno.agent, agno.db.sqlite, agno.tools.mcp, agno.models.openai, agno.models.anthropic, agno.models.google, fastmcp';
const HOW =
  'Install Python 3.10 or newer with pip (on Debian and Ubuntu: apt-get install python3 python3-pip) or uv (https://docs.astral.sh/uv), then try again.';

/** Chooses Python and installer. Rejects with an error that says what to do when there are none. */
export async function pythonToInstallFor(choice: Choice): Promise<Python> {
  const { pythonVersion, python = {}, signal = new AbortController().signal } = choice;
  const { uv = 'uv', programs = PROGRAMS } = python;
  if (pythonVersion !== undefined && !isNewEnough(pythonVersion))
    throw new Error(
      `Agno runs on Python ${AGNO_MIN_PYTHON.join('.')} or newer, given as in 3.11; wanted was “${pythonVersion}”.`,
    );
  const found: Probed[] = [];
  for (const program of programs) {
    const probed = await probe(program, signal);
    if (probed) found.push(probed);
  }
  const native = found.find(({ version }) =>
    pythonVersion === undefined ? isNewEnough(version) : version === pythonVersion,
  );
  const version = pythonVersion ?? native?.version;
  if (version === undefined) {
    if (found[0])
      throw new Error(`The Python of this machine is ${found[0].version}, which is too old for Agno. ${HOW}`);
    throw new Error(`There is no Python on this machine (${programs.join(', ')}). ${HOW}`);
  }
  const hasUv = await runProgram({ command: uv, args: ['--version'], folder: '/', signal });
  const program = native?.program;
  if (hasUv.code === 0)
    return { version, program, installer: [uv, 'pip', 'install', '--python-version', version] };
  const pip = native?.hasPip ? native : found.find(({ hasPip }) => hasPip);
  if (!pip) throw new Error(`There is neither pip nor uv on this machine, so Agno cannot be fetched. ${HOW}`);
  const cross = pip.version === version ? [] : ['--python-version', version];
  return {
    version,
    program,
    installer: [pip.program, '-m', 'pip', '--disable-pip-version-check', 'install', ...PIP, ...cross],
  };
}

const PIP = ['--no-input', '--no-compile', '--progress-bar=off', '--root-user-action=ignore', '--retries=2'];

/** Installs Agno into `lib` of a folder, as plain files that can be moved. Rejects with an error that says what to do. */
export async function pythonInstall(given: {
  folder: string;
  python: Python;
  signal: AbortSignal;
}): Promise<void> {
  const { folder, python, signal } = given;
  const [lib, constraints, temporary] = [
    join(folder, 'lib'),
    join(folder, 'constraints.txt'),
    join(folder, 'tmp'),
  ];
  await writeFile(constraints, `${AGNO_CONSTRAINTS.join('\n')}\n`);
  await mkdir(temporary);
  const [command = '', ...before] = python.installer;
  const { code, output, missing } = await runProgram({
    // pip collects everything in its temporary folder: here it is seen to grow, and gone with the rest.
    command: 'env',
    args: [
      `TMPDIR=${temporary}`,
      ...[command, ...before],
      // Packages of strangers: nothing of theirs runs while they are installed.
      ...['--only-binary', ':all:', '--target', lib, '--constraint', constraints],
      ...AGNO_PACKAGES,
    ],
    folder,
    signal,
  });
  if (code !== 0 || missing) throw new Error(explain(output, code, python));
  await rm(temporary, { recursive: true, force: true });
  if (python.program === undefined) return;
  const { program } = python;
  const tried = await runProgram({ command: program, args: ['-I', '-S', '-c', TRY, lib], folder, signal });
  if (tried.code !== 0)
    throw new Error(`Agno was installed but does not run on this machine: ${tail(tried.output)}`);
  // Without it each start in a sandbox, which cannot write there, would compile anew. Some templates are no programs.
  await runProgram({ command: program, args: ['-I', '-m', 'compileall', '-q', lib], folder, signal });
}

async function probe(program: string, signal: AbortSignal): Promise<Probed | undefined> {
  const { code, output } = await runProgram({ command: program, args: ['-c', PROBE], folder: '/', signal });
  const [, version, pip] = /^(\d+\.\d+) (True|False)$/m.exec(output) ?? [];
  if (code !== 0 || version === undefined) return undefined;
  return { program, version, hasPip: pip === 'True' };
}

function isNewEnough(version: string): boolean {
  const [, major, minor] = /^(\d)\.(\d{1,2})$/.exec(version) ?? [];
  const [wantedMajor, wantedMinor] = AGNO_MIN_PYTHON;
  return Number(major) === wantedMajor && Number(minor) >= wantedMinor;
}

function explain(output: string, code: number | null, { version }: Python): string {
  const words = tail(output) || `the installer ended with exit code ${code}`;
  if (/No space left|ENOSPC/i.test(output))
    return `There is no space left on the disk. Make room and try again.\n${words}`;
  if (
    /NewConnectionError|ConnectTimeout|NameResolution|Name or service not known|Temporary failure in name|Network is unreachable|Connection refused|Max retries|ProxyError|error sending request|dns error|tcp connect/i.test(
      output,
    )
  )
    return `The Python package index cannot be reached from this machine. Check its network, proxy (HTTPS_PROXY) and pip's “index-url” setting, then try again.\n${words}`;
  if (/\b40[13]\b|Unauthorized|Forbidden/i.test(output))
    return `The Python package index refused access. Check pip's credentials for it, then try again.\n${words}`;
  if (/No matching distribution|Could not find a version|no wheels|No solution found/i.test(output))
    return `The Python package index has not all of it for Python ${version} on ${process.platform} ${process.arch}. If you use a mirror, let it fetch the packages; else take another Python.\n${words}`;
  if (/Permission denied|EACCES|Read-only file system/i.test(output))
    return `The installer may not write there. Check who owns the folder of engines, then try again.\n${words}`;
  return `Agno could not be installed:\n${words}`;
}

function tail(output: string): string {
  return output.trim().split('\n').slice(-6).join('\n');
}
