import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, readFile, writeFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { type BareRepository, createBareRepository, gitEnvironment } from './bare-repository.ts';
import { endWithTest } from './end-with-test.ts';
import { findProgram } from './find-program.ts';
import { freePort } from './free-port.ts';
import { type TemporaryFolder, temporaryFolder } from './temporary-folder.ts';

/** A git host over SSH on 127.0.0.1. */
export interface GitSshServer extends AsyncDisposable {
  readonly port: number;
  readonly username: string;
  /** Opens it. */
  readonly privateKey: string;
  /** Does not. */
  readonly strangerKey: string;
  /** Its line of a known_hosts file. */
  readonly knownHosts: string;
  /** Lines of what clients asked to run. */
  commands(): Promise<string[]>;
  /** `hang` takes the command and says nothing; `refuse` ends it with status 1. */
  setMode(mode: 'serve' | 'hang' | 'refuse'): Promise<void>;
  /** Makes `owner/name.git`; its URL is `ssh://user@127.0.0.1:port/owner/name.git`. */
  createRepository(name: string, files?: Record<string, string>): Promise<BareRepository>;
}

const run = promisify(execFile);

/** Starts an sshd of the test's own with its own keys; the one key it takes may do nothing but git. Needs `sshd`. */
export async function startGitSshServer(): Promise<GitSshServer> {
  const folder = await temporaryFolder();
  try {
    return await start(folder);
  } catch (error) {
    await folder[Symbol.asyncDispose]();
    throw error;
  }
}

async function start(temporary: TemporaryFolder): Promise<GitSshServer> {
  const folder = temporary.path;
  const root = join(folder, 'repositories');
  const { username } = userInfo();
  await mkdir(root);
  await Promise.all(['host', 'client', 'stranger'].map((name) => makeKey(join(folder, name))));
  const command = join(folder, 'command');
  await writeFile(command, commandScript(folder, root));
  await chmod(command, 0o755);
  const clientKey = await readFile(join(folder, 'client.pub'), 'utf8');
  await writeFile(join(folder, 'authorized_keys'), `command="${command}",restrict ${clientKey}`);
  await writeFile(join(folder, 'mode'), 'serve');
  const port = await freePort();
  const server = await launch(folder, port);
  const hostKey = await readFile(join(folder, 'host.pub'), 'utf8');
  return {
    port,
    username,
    privateKey: await readFile(join(folder, 'client'), 'utf8'),
    strangerKey: await readFile(join(folder, 'stranger'), 'utf8'),
    knownHosts: `[127.0.0.1]:${port} ${hostKey}`,
    commands: async () =>
      (await readFile(join(folder, 'commands'), 'utf8').catch(() => '')).split('\n').filter(Boolean),
    setMode: (mode) => writeFile(join(folder, 'mode'), mode),
    createRepository: (name, files) =>
      createBareRepository({
        root,
        name,
        url: `ssh://${username}@127.0.0.1:${port}/${name}`,
        ...(files ? { files } : {}),
      }),
    async [Symbol.asyncDispose]() {
      server.kill('SIGTERM');
      if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
      await temporary[Symbol.asyncDispose]();
    },
  };
}

async function makeKey(path: string): Promise<void> {
  await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', path]);
}

/** The paths of URLs begin at the folder of the repositories. */
function commandScript(folder: string, root: string): string {
  const variables = Object.entries(gitEnvironment(folder)).map(
    ([name, value]) => `export ${name}='${value}'`,
  );
  return `#!/bin/sh
printf '%s\\n' "$SSH_ORIGINAL_COMMAND" >> '${folder}/commands'
case "$(cat '${folder}/mode')" in
  hang) exec cat > /dev/null;;
  refuse) echo 'this repository is closed' >&2; exit 1;;
esac
${variables.join('\n')}
cd '${root}' || exit 1
exec git shell -c "$(printf '%s' "$SSH_ORIGINAL_COMMAND" | sed "s#'/#'${root}/#")"
`;
}

async function launch(folder: string, port: number): Promise<ChildProcess> {
  const program = findProgram('sshd');
  if (program === undefined) throw new Error('sshd is not installed: apt-get install openssh-server');
  // What the service of the system makes when it starts; sshd insists on it when it runs as root.
  if (userInfo().uid === 0) await mkdir('/run/sshd', { recursive: true, mode: 0o755 });
  const config = join(folder, 'sshd_config');
  const settings = {
    ListenAddress: '127.0.0.1',
    Port: port,
    HostKey: join(folder, 'host'),
    AuthorizedKeysFile: join(folder, 'authorized_keys'),
    PidFile: 'none',
    StrictModes: 'no',
    UsePAM: 'no',
    PasswordAuthentication: 'no',
    KbdInteractiveAuthentication: 'no',
    PermitRootLogin: 'yes',
    AcceptEnv: 'GIT_PROTOCOL',
    MaxStartups: 100,
  };
  await writeFile(
    config,
    Object.entries(settings)
      .map(([name, value]) => `${name} ${value}\n`)
      .join(''),
  );
  const server = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  endWithTest(server);
  const output: string[] = [];
  for await (const line of createInterface({ input: server.stderr })) {
    output.push(line);
    if (!line.includes('Server listening')) continue;
    server.stderr.resume();
    return server;
  }
  throw new Error(`sshd did not start on port ${port}:\n${output.join('\n')}`);
}
