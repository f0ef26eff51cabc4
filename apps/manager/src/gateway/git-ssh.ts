import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import type { IncomingMessage } from 'node:http';
import { createProcessFrameReader, encodeProcessFrame, type ProcessFrameName } from '@wegent/api';
import { sendRaw } from './answers.ts';
import { gitRemoteOf } from './git-remote.ts';
import type { Pass } from './pass.ts';
import type { RouteDeps, Taken } from './router.ts';
import { prepareSsh } from './ssh-command.ts';
import { explainUpstream } from './upstream.ts';

const SERVICES = new Set(['git-upload-pack', 'git-receive-pack']);
const KILL_MS = 2_000;

/**
 * Runs git's command on the host of the task's repository, with its key, which stays here. The connection carries
 * frames (`process-frames.ts` of the api package); the last one has the exit status.
 */
export async function serveGitSsh(
  {
    pass,
    request,
    query,
    socket,
    head,
  }: Taken & { pass: Pass; request: IncomingMessage; query: URLSearchParams },
  deps: RouteDeps,
): Promise<void> {
  const service = query.get('command') ?? '';
  if (!SERVICES.has(service))
    return sendRaw(socket, 400, `command must be one of ${[...SERVICES].join(', ')}.\n`);
  const repository = pass.context.workspace?.repository;
  if (!repository) return sendRaw(socket, 404, 'This task has no repository.\n');
  const remote = gitRemoteOf(repository);
  if (remote.kind === 'unusable') return sendRaw(socket, 400, `${remote.problem}\n`);
  if (remote.kind === 'http')
    return sendRaw(socket, 404, 'The repository of this task is reached through /git.\n');
  if (remote.kind === 'local' && !deps.localRepositories)
    return sendRaw(socket, 403, 'Repositories that are folders are not allowed on this platform.\n');

  const protocol = request.headers['git-protocol'];
  const environment: Record<string, string> = {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LC_ALL: 'C.UTF-8',
    ...(typeof protocol === 'string' && /^version=[0-2]$/.test(protocol) ? { GIT_PROTOCOL: protocol } : {}),
  };
  if (remote.kind === 'local') {
    // Hooks of the repository run, as with every push to a folder; the sandbox cannot write them.
    const args = [service.slice('git-'.length), remote.path];
    const child = spawn('git', args, { env: { ...environment, HOME: '/nonexistent' }, stdio: 'pipe' });
    return carry({ child, socket, head, idleMs: deps.timings.gitIdleMs });
  }

  if (remote.key === undefined)
    return sendRaw(socket, 403, `There is no SSH key for ${remote.host}. Add one to your git hosts.\n`);
  let addresses: { address: string; family: number }[];
  try {
    addresses = await deps.outbound.resolveFor(pass.context.outboundAllow)(remote.host, remote.port);
  } catch (cause) {
    const { status, text } = explainUpstream(
      'The git host',
      { host: `${remote.host}:${remote.port}` },
      cause,
    );
    pass.egress(`git ${remote.host}:${remote.port}: ${text}`);
    return sendRaw(socket, status, `${text}\n`);
  }
  const address = (addresses.find(({ family }) => family === 4) ?? addresses[0])?.address ?? '';
  const command = await prepareSsh({
    remote: { ...remote, key: remote.key },
    service,
    address,
    knownHostsFile: deps.knownHostsFile,
    connectMs: deps.timings.connectMs,
  });
  if (socket.destroyed) return command.remove();
  const child = spawn('ssh', command.args, { env: { ...environment, HOME: command.folder }, stdio: 'pipe' });
  // When the other side speaks the key has done its work.
  child.stdout.once('data', () => void command.remove());
  child.once('close', () => void command.remove());
  child.once('error', () => void command.remove());
  carry({ child, socket, head, idleMs: deps.timings.gitIdleMs });
}

/** Joins a process and an upgraded connection, both ways; each ends with the other. */
function carry(given: {
  child: ChildProcessWithoutNullStreams;
  socket: Taken['socket'];
  head: Buffer;
  idleMs: number;
}): void {
  const { child, socket, head, idleMs } = given;
  let isOver = false;
  let idle = setTimeout(onIdle, idleMs);
  const touch = () => {
    clearTimeout(idle);
    if (!isOver) idle = setTimeout(onIdle, idleMs);
  };
  const send = (name: ProcessFrameName, content: Uint8Array) => {
    if (!socket.writable) return true;
    // Frames are small enough for every reader.
    let isTaken = true;
    for (let at = 0; at < content.length || at === 0; at += MAX_FRAME)
      isTaken = socket.write(encodeProcessFrame(name, content.subarray(at, at + MAX_FRAME)));
    return isTaken;
  };
  const finish = (status: number, words = '') => {
    if (isOver) return;
    isOver = true;
    clearTimeout(idle);
    if (words !== '') send('stderr', Buffer.from(words));
    send('exit', Uint8Array.of(status));
    socket.end();
  };
  function onIdle(): void {
    finish(255, `The git host said nothing for ${idleMs / 1000} s.\n`);
    kill(child);
  }

  socket.write('HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: git-ssh\r\n\r\n');
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].on('data', (chunk: Buffer) => {
      touch();
      if (!send(name, chunk)) child[name].pause();
    });
  }
  socket.on('drain', () => {
    child.stdout.resume();
    child.stderr.resume();
  });
  const read = createProcessFrameReader((name, content) => {
    if (name !== 'stdin') throw new Error('only stdin is taken');
    if (content.length === 0) return void child.stdin.end();
    // The reader's bytes are gone after the call.
    if (child.stdin.writable && !child.stdin.write(Buffer.from(content))) socket.pause();
  });
  const onData = (chunk: Buffer) => {
    touch();
    try {
      read(chunk);
    } catch {
      socket.destroy();
    }
  };
  child.stdin.on('drain', () => socket.resume());
  child.stdin.on('error', () => socket.resume());
  if (head.length > 0) onData(head);
  socket.on('data', onData);
  socket.on('end', () => child.stdin.end());
  socket.once('close', () => {
    isOver = true;
    clearTimeout(idle);
    kill(child);
  });
  child.once('error', (error: NodeJS.ErrnoException) => {
    const isMissing = error.code === 'ENOENT';
    finish(
      127,
      isMissing ? 'ssh is not installed on the machine of the manager.\n' : 'ssh could not be started.\n',
    );
  });
  child.once('close', (status, signal) => finish(status ?? (signal ? 128 : 255)));
}

const MAX_FRAME = 256 * 1024;

function kill(child: ChildProcessWithoutNullStreams): void {
  if (child.exitCode !== null || child.signalCode !== null) return;
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), KILL_MS);
  child.once('close', () => clearTimeout(timer));
}
