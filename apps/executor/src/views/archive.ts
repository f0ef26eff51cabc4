import { once } from 'node:events';
import { mkdir, readdir } from 'node:fs/promises';
import type { Readable, Writable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { ApiError } from '@wegent/api';
import type { Processes } from '../process/processes.ts';

/** What can be had again, and would only make archives large. Everything of the work tree itself is kept. */
const LEFT_OUT = ['./.cache', './.npm', './.wegent/tmp'];

/** `tar` ends with 1 when a file changed while it was read: that is what files of running tasks do. */
const ACCEPTED = [0, 1];

/**
 * Workspace and home as one stream: two tar archives, one after the other, with everything below `workspace/` and `home/`.
 * `tar --ignore-zeros` reads both.
 */
export function createArchive({
  processes,
  workspaceFolder,
  homeFolder,
  env,
}: {
  processes: Processes;
  workspaceFolder: string;
  homeFolder: string;
  env: Record<string, string>;
}) {
  const parts = [
    { name: 'workspace', folder: workspaceFolder },
    { name: 'home', folder: homeFolder },
  ];

  async function pack({ name, folder }: { name: string; folder: string }, target: Writable): Promise<void> {
    await mkdir(folder, { recursive: true });
    const child = processes.start(
      {
        command: 'tar',
        args: [
          '--create',
          '--sort=none',
          '--warning=no-file-changed',
          '--ignore-failed-read',
          ...(name === 'home'
            ? LEFT_OUT.map((place) => `--exclude=${place}`)
            : ['--exclude=./.wegent-clone-*']),
          '--anchored',
          // Members and hard links get the new prefix; what symbolic links say stays as it is.
          `--transform=flags=rSh;s,^\\.,${name},`,
          '--directory',
          folder,
          '.',
        ],
        cwd: '/',
        env,
      },
      { stdin: false },
    );
    child.stderr?.resume();
    const ended = once(child, 'exit');
    try {
      if (child.stdout) await pipeline(child.stdout, target, { end: false });
      const [code] = await ended;
      if (!ACCEPTED.includes(code)) throw new Error(`tar ended with ${code}`);
    } finally {
      processes.kill(child);
    }
  }

  async function unpack({
    name,
    folder,
  }: {
    name: string;
    folder: string;
  }): Promise<{ input: Writable; done: Promise<void> }> {
    await mkdir(folder, { recursive: true });
    const child = processes.start(
      {
        command: 'tar',
        args: [
          '--extract',
          '--ignore-zeros',
          '--no-same-owner',
          '--preserve-permissions',
          '--delay-directory-restore',
          '--strip-components=1',
          '--directory',
          folder,
          name,
        ],
        cwd: '/',
        env,
      },
      { stdin: true },
    );
    let stderr = '';
    child.stderr?.on('data', (chunk: Buffer) => {
      stderr = (stderr + chunk.toString('utf8')).slice(-2000);
    });
    const done = once(child, 'close').then(([code]) => {
      if (code !== 0)
        throw new ApiError(
          'BadRequest',
          `the archive could not be unpacked: ${stderr.trim() || `tar ended with ${code}`}`,
        );
    });
    done.catch(() => {});
    if (!child.stdin) throw new Error('tar has no input');
    return { input: child.stdin, done };
  }

  return {
    /** Writes the archive; rejects half-way when it cannot be whole. */
    async write(target: Writable): Promise<void> {
      for (const part of parts) await pack(part, target);
    },

    /** Unpacks an archive into an empty workspace. */
    async restore(source: Readable): Promise<void> {
      await mkdir(workspaceFolder, { recursive: true });
      if ((await readdir(workspaceFolder)).length > 0) {
        throw new ApiError('Conflict', 'the workspace is not empty, so nothing was restored');
      }
      const targets = await Promise.all(parts.map(unpack));
      try {
        for await (const chunk of source) {
          await Promise.all(targets.map(({ input, done }) => writeChunk(input, chunk, done)));
        }
      } finally {
        for (const { input } of targets) input.end();
      }
      await Promise.all(targets.map(({ done }) => done));
    },
  };
}

async function writeChunk(input: Writable, chunk: Uint8Array, done: Promise<void>): Promise<void> {
  if (input.destroyed || input.write(chunk)) return;
  await Promise.race([once(input, 'drain'), done]);
}
