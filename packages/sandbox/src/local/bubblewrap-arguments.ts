import type { SandboxLimits } from '../sandbox.ts';
import type { Step } from './host-system.ts';

/** Folders and files of the host that a sandbox shows. */
export interface Sources {
  workspace: string;
  home: string;
  run: string;
  executor: string;
  node: string;
  engines: string;
}

/** Where the sources are inside, and who may write there. */
const PLACES: Record<keyof Sources, readonly [how: '--bind' | '--ro-bind', where: string]> = {
  workspace: ['--bind', '/workspace'],
  home: ['--bind', '/home/agent'],
  run: ['--bind', '/run/wegent'],
  executor: ['--ro-bind', '/opt/executor'],
  node: ['--ro-bind', '/opt/node/bin/node'],
  engines: ['--ro-bind', '/opt/engines'],
};

/** What makes a sandbox. */
export interface BubblewrapParts {
  system: readonly Step[];
  /** What is hidden of `/proc`. */
  hidden: readonly Step[];
  sources: Sources;
  limits: SandboxLimits;
  env: Record<string, string>;
  /** Descriptors of files to be in `/etc`, by name; of the filter; and of where to tell the first process. */
  etc: ReadonlyMap<string, number>;
  filter: number;
  info: number;
  argv: readonly string[];
}

const GIBIBYTE = 1024 ** 3;

/**
 * Everything that keeps a sandbox in, in one place. It is not told to die with its parent: it outlives a manager that
 * is killed, and the next one takes it over.
 */
export function bubblewrapArguments({
  system,
  hidden,
  sources,
  limits,
  env,
  etc,
  filter,
  info,
  argv,
}: BubblewrapParts): string[] {
  const temporary = String(Math.min(Math.round(limits.memoryBytes / 2), 4 * GIBIBYTE));
  const shared = String(Math.min(Math.round(limits.memoryBytes / 4), GIBIBYTE));
  const steps: Step[] = [
    ['--unshare-all', '--unshare-user', '--disable-userns', '--new-session'],
    ['--uid', '1000', '--gid', '1000', '--hostname', 'sandbox'],
    ['--clearenv', ...Object.entries(env).flatMap(([name, value]) => ['--setenv', name, value])],
    // Folders that are made on the way to a mount are for everyone to look into.
    ...['/etc', '/opt', '/home', '/run', '/var'].map((folder) => ['--perms', '0755', '--dir', folder]),
    ...system,
    ...[...etc].map(([name, descriptor]) => [
      '--perms',
      '0444',
      '--file',
      String(descriptor),
      `/etc/${name}`,
    ]),
    ['--proc', '/proc'],
    ...hidden,
    ['--dev', '/dev'],
    ['--perms', '1777', '--size', shared, '--tmpfs', '/dev/shm', '--remount-ro', '/dev'],
    ['--perms', '1777', '--size', temporary, '--tmpfs', '/tmp', '--symlink', '/tmp', '/var/tmp'],
    ...(Object.keys(PLACES) as (keyof Sources)[]).map((name) => {
      const [how, where] = PLACES[name];
      return [how, sources[name], where];
    }),
    ['--remount-ro', '/', '--chdir', '/workspace'],
    ['--info-fd', String(info), '--seccomp', String(filter)],
  ];
  return ['bwrap', ...steps.flat(), '--', ...argv];
}
