import { existsSync } from 'node:fs';
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import type { HostUser } from '../process/sandbox-folder.ts';
import type { Sources } from './bubblewrap-arguments.ts';

/** Folders that every Linux has; one of them is covered in a view of its own, in which nobody else sees anything. */
const STAGES = ['/mnt', '/media', '/srv', '/run', '/opt'];

/**
 * Shows the sources in a folder that everyone may enter, in a mount name space of its own: bubblewrap runs as a user
 * who could not reach them where they lie, below folders that only root may enter.
 */
const SCRIPT = `
set -e
stage=$1; shift
mount -t tmpfs -o mode=0755,size=256k,nosuid,nodev wegent "$stage"
while [ "$1" != -- ]; do
  if [ -d "$2" ]; then mkdir "$stage/$1"; else : > "$stage/$1"; fi
  mount --bind "$2" "$stage/$1"
  shift 2
done
shift
exec "$@"
`;

/** Arguments that run a command as the user, and where that finds the sources. */
export async function asHostUser(
  { uid, gid }: HostUser,
  sources: Sources,
): Promise<{ sources: Sources; wrap(argv: readonly string[]): string[] }> {
  const real = await Promise.all(
    Object.entries(sources).map(async ([name, source]) => [name, await realpath(source)] as const),
  );
  // A link could lead to below the stage.
  const stage = chooseStage(real.map(([, source]) => source));
  const entries = real.flat();
  const shown = (name: keyof Sources) => path.join(stage, name);
  return {
    sources: {
      workspace: shown('workspace'),
      home: shown('home'),
      run: shown('run'),
      executor: shown('executor'),
      node: shown('node'),
      engines: shown('engines'),
    },
    wrap: (argv) => [
      ...['unshare', '--mount', '--propagation', 'private', '--'],
      ...['/bin/bash', '-c', SCRIPT, 'wegent-sandbox', stage, ...entries, '--'],
      ...['setpriv', '--reuid', String(uid), '--regid', String(gid), '--clear-groups', '--no-new-privs'],
      ...['--bounding-set=-all', '--inh-caps=-all', '--'],
      ...argv,
    ],
  };
}

/** One that covers no source. */
function chooseStage(sources: readonly string[]): string {
  const free = STAGES.find(
    (stage) => existsSync(stage) && !sources.some((source) => `${source}/`.startsWith(`${stage}/`)),
  );
  if (free === undefined)
    throw new Error(`one of ${STAGES.join(', ')} has to exist and hold no data of ours`);
  return free;
}
