import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { DEFAULT_LIMITS } from '../limits.ts';
import { findControlGroups, groupNameOf } from '../process/control-groups.ts';
import { openLog, tailOfLog } from '../process/executor-log.ts';
import { startGated } from '../process/gated-process.ts';
import { send } from '../process/process-table.ts';
import { prepareFolder } from '../process/sandbox-folder.ts';
import { HOST_USERS } from './host-users.ts';
import { createLocalWalls, type LocalDriverOptions, SYSTEM_PATH } from './local-driver.ts';

const TRIAL_MS = 20_000;
/** What no distribution writes, so that nothing else can pass for it. */
const WORD = 'wegent-probe-passed';

/** Programs that the driver runs, with the packages they come from. */
const PROGRAMS: Readonly<Record<string, string>> = {
  bwrap: 'bubblewrap',
  bash: 'bash',
  du: 'coreutils',
  nice: 'coreutils',
};
const PROGRAMS_OF_ROOT: Readonly<Record<string, string>> = {
  unshare: 'util-linux',
  setpriv: 'util-linux',
  mount: 'mount (util-linux)',
};

/**
 * Can sandboxes be made on this host, and what keeps them apart? The same command is run as for a sandbox, with
 * another program inside. `problem` tells what to do.
 */
export async function probeLocal(
  options: LocalDriverOptions,
): Promise<{ ok: true; isolation: string } | { ok: false; problem: string }> {
  if (process.platform !== 'linux') {
    return no('sandboxes need Linux here: use Docker (SANDBOX=docker), or run Wegent in a Linux machine');
  }
  if (process.arch !== 'x64' && process.arch !== 'arm64') {
    return no(`local sandboxes need x64 or arm64, and this is ${process.arch}: use SANDBOX=docker`);
  }
  const missing = missingPrograms();
  if (missing.length > 0) {
    return no(
      `${missing.map(([name]) => name).join(', ')} not found: apt-get install ${[...new Set(missing.map(([, from]) => from))].join(' ')} (or your system's way)`,
    );
  }
  if (process.getuid?.() === 0 && !(await hasHostUsers())) {
    return no(
      `this root may not use the users ${HOST_USERS.first} to ${HOST_USERS.first + HOST_USERS.count - 1}, one for each sandbox, as in a container without root of the host: run the manager as an ordinary user, or use SANDBOX=docker`,
    );
  }
  const stateFolder = path.resolve(options.stateFolder);
  await mkdir(stateFolder, { recursive: true, mode: 0o700 });
  const groups = await findControlGroups();
  const argv = ['/bin/bash', '-c', `echo ${WORD} >&2`];
  const walls = createLocalWalls({ ...options, stateFolder, groups, argv });
  const words = await tryOne(walls, stateFolder);
  return words.includes(WORD)
    ? { ok: true, isolation: walls.isolation }
    : no(await explain(words.replace(WORD, '').trim()));
}

function no(problem: string): { ok: false; problem: string } {
  return { ok: false, problem };
}

function missingPrograms(): [name: string, from: string][] {
  const needed = process.getuid?.() === 0 ? { ...PROGRAMS, ...PROGRAMS_OF_ROOT } : PROGRAMS;
  const folders = SYSTEM_PATH.split(':');
  return Object.entries(needed).filter(
    ([name]) => !folders.some((folder) => existsSync(path.join(folder, name))),
  );
}

/** Root of a user name space has only the users that were given to it. */
async function hasHostUsers(): Promise<boolean> {
  const map = await readFile('/proc/self/uid_map', 'utf8').catch(() => '0 0 4294967295');
  return map.split('\n').some((line) => {
    const [first = 0, , count = 0] = line.trim().split(/\s+/).map(Number);
    return first <= HOST_USERS.first && first + count >= HOST_USERS.first + HOST_USERS.count;
  });
}

/** Gives what a sandbox said that ended by itself, or why it could not be started. */
async function tryOne(walls: ReturnType<typeof createLocalWalls>, stateFolder: string): Promise<string> {
  const id = `p${randomBytes(6).toString('hex')}`;
  const folder = await mkdtemp(path.join(stateFolder, 'probe-'));
  const spec = {
    id,
    labels: { taskId: '', namespace: '' },
    limits: {},
    folder,
    token: 'probe',
    env: {},
    startMs: TRIAL_MS,
  };
  const user = walls.userOf(id, new Set());
  const group = await walls.groups.create(groupNameOf(stateFolder, id), DEFAULT_LIMITS);
  const log = await openLog(folder);
  try {
    await prepareFolder(spec, user);
    const launch = await walls.launch(spec, DEFAULT_LIMITS, user);
    const gated = await startGated({ ...launch, log: log.fd, cwd: '/' });
    await launch.close();
    await group.add(gated.ref.pid);
    const timer = setTimeout(() => send(gated.ref.pid, 'SIGKILL'), TRIAL_MS);
    await gated.open();
    await gated.exited;
    clearTimeout(timer);
    return await tailOfLog(folder);
  } catch (error) {
    return error instanceof Error ? error.message : String(error);
  } finally {
    await log.close();
    await group.kill();
    await group.remove();
    await rm(folder, { recursive: true, force: true });
  }
}

/** What people can do about it. */
async function explain(words: string): Promise<string> {
  const said = words === '' ? 'bubblewrap said nothing' : words;
  return `sandboxes with bubblewrap do not work here (${said}): ${await advice(words)}`;
}

async function advice(words: string): Promise<string> {
  const setting = async (name: string) =>
    (await readFile(`/proc/sys/${name}`, 'utf8').catch(() => '')).trim();
  if ((await setting('kernel/apparmor_restrict_unprivileged_userns')) === '1') {
    return 'AppArmor keeps ordinary programs from making user name spaces: run "sudo sysctl kernel.apparmor_restrict_unprivileged_userns=0", or give /usr/bin/bwrap a profile that allows "userns"; or use SANDBOX=docker';
  }
  if (
    (await setting('kernel/unprivileged_userns_clone')) === '0' ||
    (await setting('user/max_user_namespaces')) === '0'
  ) {
    return 'user name spaces are turned off: run "sudo sysctl kernel.unprivileged_userns_clone=1 user.max_user_namespaces=15000"; or use SANDBOX=docker';
  }
  if (/unknown option/i.test(words)) {
    const { stdout } = await promisify(execFile)('bwrap', ['--version']).catch(() => ({ stdout: '' }));
    return `${stdout.trim() || 'this bubblewrap'} is too old: 0.8.0 or newer is needed`;
  }
  if (/proc|permission|not permitted/i.test(words) && existsSync('/.dockerenv')) {
    return 'a container may not make name spaces by default: give it --security-opt seccomp=unconfined --security-opt systempaths=unconfined, or use SANDBOX=docker with the socket of the engine';
  }
  return 'see that user name spaces are allowed (sysctl user.max_user_namespaces), or use SANDBOX=docker';
}
