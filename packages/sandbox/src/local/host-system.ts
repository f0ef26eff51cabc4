import { lstat, readlink, realpath, stat } from 'node:fs/promises';
import path from 'node:path';

/** One step that makes the file system of a sandbox, in the words of bubblewrap. */
export type Step = readonly string[];

/** Folders of programs beside `/usr`; links into it on most systems. */
const PROGRAM_FOLDERS = ['/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32'];

/** What administrators keep below `/usr` that is neither program nor documentation: settings, sources, data. */
const NO_PROGRAMS = [
  '/usr/etc',
  '/usr/src',
  '/usr/home',
  ...['etc', 'src', 'var', 'srv', 'home', 'data', 'run', 'tmp', 'backup', 'private', 'secrets'].map(
    (name) => `/usr/local/${name}`,
  ),
];

/** Settings that programs need and that hold no secrets. No key, no password, no repository, no name server. */
const SETTINGS = [
  '/etc/alternatives',
  '/etc/bash.bashrc',
  '/etc/ca-certificates',
  '/etc/debian_version',
  '/etc/fonts',
  '/etc/inputrc',
  '/etc/java-8-openjdk',
  '/etc/java-11-openjdk',
  '/etc/java-17-openjdk',
  '/etc/java-21-openjdk',
  '/etc/java-25-openjdk',
  '/etc/ld.so.cache',
  '/etc/ld.so.conf',
  '/etc/ld.so.conf.d',
  '/etc/localtime',
  '/etc/magic',
  '/etc/mime.types',
  '/etc/os-release',
  '/etc/perl',
  '/etc/pki/ca-trust/extracted',
  '/etc/pki/tls/cert.pem',
  '/etc/pki/tls/certs',
  '/etc/pki/tls/openssl.cnf',
  '/etc/protocols',
  '/etc/services',
  '/etc/ssl/cert.pem',
  '/etc/ssl/certs',
  '/etc/ssl/openssl.cnf',
  '/etc/terminfo',
  '/etc/timezone',
];

/** What the kernel tells there is about the whole machine, and no program of an agent's needs it. */
const MASKED = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/cmdline',
  '/proc/config.gz',
  '/proc/kallsyms',
  '/proc/kcore',
  '/proc/key-users',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/sysrq-trigger',
  '/proc/timer_list',
];

/** Files below `/etc` that are the same in every sandbox. */
export const GENERATED_FILES: Readonly<Record<string, string>> = {
  passwd:
    'root:x:0:0:root:/nonexistent:/usr/sbin/nologin\nagent:x:1000:1000:agent:/home/agent:/bin/bash\nnobody:x:65534:65534:nobody:/nonexistent:/usr/sbin/nologin\n',
  group: 'root:x:0:\nagent:x:1000:\nnogroup:x:65534:\n',
  hosts: '127.0.0.1 localhost sandbox\n::1 localhost\n',
  'host.conf': 'multi on\n',
  'nsswitch.conf':
    'passwd: files\ngroup: files\nshadow: files\nhosts: files\nservices: files\nprotocols: files\n',
};

/** The steps that show the programs of this host, read-only. What lies below the hidden folders is not shown. */
export async function systemSteps(hidden: readonly string[]): Promise<Step[]> {
  const steps: Step[] = [['--ro-bind', '/usr', '/usr']];
  for (const folder of await existing([...NO_PROGRAMS, ...(await belowUsr(hidden))])) {
    steps.push(['--size', '4096', '--tmpfs', folder]);
  }
  for (const folder of PROGRAM_FOLDERS) {
    const found = await lstat(folder).catch(() => undefined);
    if (found?.isSymbolicLink()) steps.push(['--symlink', await readlink(folder), folder]);
    else if (found?.isDirectory()) steps.push(['--ro-bind', folder, folder]);
  }
  for (const place of SETTINGS) {
    const step = await settingStep(place);
    if (step) steps.push(step);
  }
  return steps;
}

/** The steps that hide what `/proc` tells about the machine; they come after the one that shows `/proc`. */
export async function processSteps(): Promise<Step[]> {
  const steps = await Promise.all(
    MASKED.map(async (place): Promise<Step | undefined> => {
      const found = await lstat(place).catch(() => undefined);
      if (!found) return undefined;
      return found.isDirectory()
        ? ['--size', '4096', '--tmpfs', place, '--remount-ro', place]
        : ['--ro-bind', '/dev/null', place];
    }),
  );
  return steps.filter((step) => step !== undefined);
}

/** A link is made again where it leads into `/usr`; elsewhere what it leads to is shown in its place. */
async function settingStep(place: string): Promise<Step | undefined> {
  const target = await realpath(place).catch(() => undefined);
  if (target === undefined) return undefined;
  if ((await lstat(place)).isSymbolicLink() && target.startsWith('/usr/')) {
    return ['--symlink', target, place];
  }
  return ['--ro-bind', target, place];
}

async function belowUsr(folders: readonly string[]): Promise<string[]> {
  const real = await Promise.all(folders.map((folder) => realpath(folder).catch(() => folder)));
  return [...new Set(real)].filter((folder) => folder.startsWith('/usr/'));
}

/** Those that are folders, without those that lie in another of them. */
async function existing(folders: readonly string[]): Promise<string[]> {
  const checks = await Promise.all(
    folders.map(async (folder) => {
      // A link into elsewhere shows nothing: what it leads to is not there.
      const isFolder =
        (await lstat(folder).catch(() => undefined))?.isDirectory() && (await stat(folder)).isDirectory();
      return isFolder ? [folder] : [];
    }),
  );
  const found = checks.flat().toSorted();
  return found.filter((folder) => !found.some((other) => folder.startsWith(`${other}${path.sep}`)));
}
