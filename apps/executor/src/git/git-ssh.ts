import { request } from 'node:http';
import type { Socket } from 'node:net';
import { createProcessFrameReader, encodeProcessFrame } from '@wegent/api';
import { gitProtocol } from '../config.ts';
import { isSameRepository, parseRepositoryAddress } from './repository-address.ts';

const MAX_FRAME = 256 * 1024;
const COMMAND = /^(git-upload-pack|git-receive-pack|git upload-pack|git receive-pack) '?(.*?)'?$/;

/**
 * What git starts in place of ssh: `git-ssh <gateway> <host> <path> [options] [user@]host "git-upload-pack '/path'"`.
 * Only the task's own repository is let through; the gateway signs in. Resolves with the exit code.
 */
export async function runGitSsh(args: readonly string[]): Promise<number> {
  const [gateway = '', host = '', path = '', ...rest] = args;
  const [, command, wanted] = COMMAND.exec(rest.at(-1) ?? '') ?? [];
  const target = rest.at(-2) ?? '';
  if (command === undefined || wanted === undefined)
    return refuse(`unsupported command ${rest.at(-1) ?? ''}`);
  const asked = parseRepositoryAddress(`${target}:${wanted.replace(/^\/+/, '')}`);
  const own = parseRepositoryAddress(`${host}:${path}`);
  if (!asked || !own || !isSameRepository(asked, own)) {
    return refuse(`only ${host}:${path} can be reached over SSH from here, not ${target}:${wanted}`);
  }
  return stream(gateway, command.replace(' ', '-'));
}

function refuse(why: string): number {
  process.stderr.write(`wegent: ${why}\n`);
  return 128;
}

function stream(gateway: string, command: string): Promise<number> {
  const protocol = gitProtocol();
  return new Promise((resolve) => {
    const outgoing = request(`${gateway}/git-ssh?command=${command}`, {
      headers: {
        connection: 'upgrade',
        upgrade: 'git-ssh',
        ...(protocol === undefined ? {} : { 'git-protocol': protocol }),
      },
    });
    outgoing.once('upgrade', (_response, socket, head) => carry(socket, head).then(resolve));
    outgoing.once('response', async (response) => {
      const chunks: Buffer[] = [];
      for await (const chunk of response) chunks.push(chunk);
      resolve(
        refuse(
          `the gateway answered ${response.statusCode}: ${Buffer.concat(chunks).toString('utf8').slice(0, 2000)}`,
        ),
      );
    });
    outgoing.once('error', () => resolve(refuse('the gateway of the manager cannot be reached')));
    outgoing.end();
  });
}

/** Frames of `process-frames.ts` on one side, plain streams on the other; resolves with the exit status. */
function carry(socket: Socket, head: Buffer): Promise<number> {
  return new Promise((resolve) => {
    const finish = (status: number) => {
      // Git waits for the end of this process, and keeps its standard input open until then.
      process.stdin.destroy();
      socket.destroy();
      resolve(status);
    };
    const read = createProcessFrameReader((name, content) => {
      // The reader's bytes are gone after the call.
      const bytes = Buffer.from(content);
      if (name === 'stdout' && !process.stdout.write(bytes)) {
        socket.pause();
        process.stdout.once('drain', () => socket.resume());
      }
      if (name === 'stderr') process.stderr.write(bytes);
      if (name === 'exit') finish(bytes[0] ?? 255);
    });
    socket.on('data', read);
    if (head.length > 0) read(head);
    process.stdin.on('data', (chunk: Buffer) => {
      for (let at = 0; at < chunk.length; at += MAX_FRAME) {
        const isTaken = socket.write(encodeProcessFrame('stdin', chunk.subarray(at, at + MAX_FRAME)));
        if (!isTaken) process.stdin.pause();
      }
    });
    socket.on('drain', () => process.stdin.resume());
    process.stdin.once('end', () => socket.write(encodeProcessFrame('stdin', new Uint8Array())));
    process.stdout.on('error', () => finish(255));
    socket.once('error', () => finish(255));
    // Without an exit frame the connection was cut.
    socket.once('close', () => finish(255));
  });
}
