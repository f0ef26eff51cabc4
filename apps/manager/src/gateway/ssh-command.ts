import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { GitRemote } from './git-remote.ts';

type SshRemote = Extract<GitRemote, { kind: 'ssh' }> & { key: string };

/** Arguments for `ssh`, and the private folder with the key, to be removed as soon as it was used. */
export interface SshCommand {
  args: string[];
  folder: string;
  remove(): Promise<void>;
}

/**
 * Makes ready to call a git host: it connects to the address that was checked, knows the host by its name, and takes
 * nothing from the settings, agents and keys of this machine.
 */
export async function prepareSsh(given: {
  remote: SshRemote;
  service: string;
  address: string;
  knownHostsFile: string;
  connectMs: number;
}): Promise<SshCommand> {
  const { remote, service, address, connectMs } = given;
  const folder = await mkdtemp(path.join(tmpdir(), 'wegent-ssh-'));
  const remove = () => rm(folder, { recursive: true, force: true });
  try {
    const keyFile = path.join(folder, 'key');
    await writeFile(keyFile, `${remote.key.replaceAll('\r', '').trim()}\n`, { mode: 0o600 });
    let knownHostsFile = given.knownHostsFile;
    if (remote.knownHosts !== undefined) {
      knownHostsFile = path.join(folder, 'known_hosts');
      await writeFile(knownHostsFile, `${remote.knownHosts.trim()}\n`, { mode: 0o600 });
    }
    const args = sshArguments({ remote, service, address, keyFile, knownHostsFile, connectMs });
    return { args, folder, remove };
  } catch (cause) {
    await remove();
    throw cause;
  }
}

/** The command line. Pure. */
export function sshArguments(given: {
  remote: SshRemote;
  service: string;
  address: string;
  keyFile: string;
  knownHostsFile: string;
  connectMs: number;
}): string[] {
  const { remote, service, address, keyFile, knownHostsFile, connectMs } = given;
  const bare = remote.host.replace(/^\[|\]$/g, '');
  const options = {
    BatchMode: 'yes',
    IdentitiesOnly: 'yes',
    IdentityAgent: 'none',
    PreferredAuthentications: 'publickey',
    StrictHostKeyChecking: remote.knownHosts === undefined ? 'accept-new' : 'yes',
    UserKnownHostsFile: knownHostsFile,
    GlobalKnownHostsFile: '/dev/null',
    HostName: address,
    HostKeyAlias: remote.port === 22 ? bare : `[${bare}]:${remote.port}`,
    CheckHostIP: 'no',
    HashKnownHosts: 'no',
    UpdateHostKeys: 'no',
    ConnectTimeout: Math.max(1, Math.ceil(connectMs / 1000)),
    ServerAliveInterval: 15,
    ServerAliveCountMax: 4,
    ForwardAgent: 'no',
    ForwardX11: 'no',
    ClearAllForwardings: 'yes',
    PermitLocalCommand: 'no',
    ControlMaster: 'no',
    ControlPath: 'none',
    RequestTTY: 'no',
    SendEnv: 'GIT_PROTOCOL',
    LogLevel: 'ERROR',
  };
  return [
    '-F',
    '/dev/null',
    '-i',
    keyFile,
    ...Object.entries(options).flatMap(([name, value]) => ['-o', `${name}=${value}`]),
    '-p',
    String(remote.port),
    '-l',
    remote.user,
    '--',
    bare,
    `${service} '${remote.path}'`,
  ];
}
