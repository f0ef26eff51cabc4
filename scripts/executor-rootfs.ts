import { execFileSync, spawnSync } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What decides about a root file system besides the recipe. */
export function rootFilesystemInputs(): string[] {
  return [process.version, process.arch, distribution()];
}

/**
 * Makes a root file system with the packages of this machine's distribution, this Node and, where it is known, its
 * npm. Needs Debian or Ubuntu with mmdebstrap, as root or with user namespaces. What was made before is kept.
 */
export async function makeRootFilesystem({
  recipe,
  archive,
}: {
  recipe: string;
  archive: string;
}): Promise<void> {
  if (existsSync(archive)) return;
  if (spawnSync('mmdebstrap', ['--version']).status !== 0) {
    throw new Error('mmdebstrap is missing, which makes the root file system: apt-get install mmdebstrap.');
  }
  const folder = mkdtempSync(path.join(tmpdir(), 'wegent-rootfs-'));
  try {
    const added = path.join(folder, 'added.tar');
    archiveAdditions({ recipe, folder: path.join(folder, 'added'), archive: added });
    mkdirSync(path.dirname(archive), { recursive: true });
    const unfinished = path.join(folder, 'rootfs.tar');
    debootstrap({ recipe, added, archive: unfinished });
    putInPlace({ unfinished, archive });
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Copies a finished archive to its name in one step, so that nobody ever finds half of one, and removes those of
 * other recipes beside it: each is nearly a gigabyte.
 */
export function putInPlace({ unfinished, archive }: { unfinished: string; archive: string }): void {
  removeOlder(archive);
  cpSync(unfinished, `${archive}.new`);
  renameSync(`${archive}.new`, archive);
}

function removeOlder(archive: string): void {
  const { dir, base } = path.parse(archive);
  for (const name of readdirSync(dir)) {
    if (name.startsWith('executor-rootfs-') && name !== base) rmSync(path.join(dir, name), { force: true });
  }
}

function debootstrap({ recipe, added, archive }: { recipe: string; added: string; archive: string }): void {
  const packages = readFileSync(path.join(recipe, 'packages.txt'), 'utf8').trim().split('\n');
  const { mirror, components } = packageSource();
  const made = spawnSync(
    'mmdebstrap',
    [
      '--variant=minbase',
      `--components=${components.join(',')}`,
      `--include=${packages.join(',')}`,
      '--aptopt=APT::Install-Recommends "false"',
      '--dpkgopt=force-unsafe-io',
      `--customize-hook=tar-in ${added} /`,
      '--customize-hook=chroot "$1" sh /setup.sh',
      distribution(),
      archive,
      mirror,
    ],
    { encoding: 'utf8' },
  );
  if (made.status !== 0) {
    throw new Error(`mmdebstrap failed:\n${made.stderr.slice(-4000)}`, { cause: made.error });
  }
}

/** Files that no package has: this Node, its npm, and the script that sets the rest up. */
function archiveAdditions({
  recipe,
  folder,
  archive,
}: {
  recipe: string;
  folder: string;
  archive: string;
}): void {
  const bin = path.join(folder, 'usr/local/bin');
  mkdirSync(bin, { recursive: true });
  cpSync(process.execPath, path.join(bin, 'node'));
  cpSync(path.join(recipe, 'setup.sh'), path.join(folder, 'setup.sh'));
  const npm = npmFolder();
  if (npm !== undefined) {
    cpSync(npm, path.join(folder, 'usr/local/lib/node_modules/npm'), {
      recursive: true,
      verbatimSymlinks: true,
    });
  }
  // Folders that the system has as links, such as /lib, are not among these.
  execFileSync('tar', ['-C', folder, '--owner=0', '--group=0', '-cf', archive, 'usr/local', 'setup.sh']);
}

/** The npm of this machine: its program is a link into its package. */
function npmFolder(): string | undefined {
  const program = (process.env.PATH ?? '')
    .split(path.delimiter)
    .map((folder) => path.join(folder, 'npm'))
    .find(existsSync);
  if (program === undefined) return undefined;
  const folder = path.dirname(path.dirname(realpathSync(program)));
  return existsSync(path.join(folder, 'bin/npm-cli.js')) ? folder : undefined;
}

/** Code name of this machine's distribution, such as `bookworm`. */
function distribution(): string {
  const release = existsSync('/etc/os-release') ? readFileSync('/etc/os-release', 'utf8') : '';
  const name = /^VERSION_CODENAME=["']?([a-z]+)["']?$/m.exec(release)?.[1];
  if (name === undefined || !existsSync('/usr/bin/apt-get')) {
    throw new Error(
      'Without a registry the image can be built on Debian and Ubuntu only; leave --offline away.',
    );
  }
  return name;
}

/** The mirror and the components that apt uses here. */
function packageSource(): { mirror: string; components: string[] } {
  const format = '$(CODENAME) $(SITE) $(COMPONENT)';
  const listed = execFileSync('apt-get', ['indextargets', '--format', format, 'Created-By: Packages'], {
    encoding: 'utf8',
  });
  const sources = listed
    .split('\n')
    .map((line) => line.split(' '))
    .filter(([codename]) => codename === distribution());
  const mirror = sources[0]?.[1];
  if (mirror === undefined) throw new Error(`apt has no source of ${distribution()}; see its sources.list.`);
  const components = sources
    .filter(([, site]) => site === mirror)
    .map(([, , component]) => component ?? 'main');
  return { mirror, components: [...new Set(components)] };
}
