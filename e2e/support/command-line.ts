import { spawn } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { e2eConfig } from './config.ts';

/** The built command. */
export const CLI_BUNDLE = path.resolve(import.meta.dirname, '../../apps/cli/dist/wegent.mjs');

/** How a call of `wegent` ended. */
export interface CommandResult {
  code: number | null;
  out: string;
  err: string;
}

/** The command `wegent` with the contexts of one person. */
export interface CommandLine {
  (...words: string[]): Promise<CommandResult>;
  /** With something on the standard input. */
  feed(input: string, ...words: string[]): Promise<CommandResult>;
  /** Starts it, for what does not end by itself. */
  start(...words: string[]): {
    until(pattern: RegExp): Promise<void>;
    signal(name: NodeJS.Signals): void;
    /** As `| head` does when it has enough. */
    closeOutput(): void;
    result: Promise<CommandResult>;
  };
}

/** What was read until the stream ended, or was closed. */
async function textOf(stream: Readable): Promise<string> {
  let read = '';
  stream.on('data', (chunk: Buffer) => {
    read += chunk.toString();
  });
  await once(stream, 'close');
  return read;
}

/** The built command; `config` is the file of its contexts, `env` what else it shall see. */
export function commandLine(config: string, env: Record<string, string> = {}): CommandLine {
  function start(...words: string[]) {
    const child = spawn(process.execPath, [CLI_BUNDLE, ...words], {
      env: { ...e2eConfig.childEnvironment, WEGENT_CONFIG: config, ...env },
      stdio: 'pipe',
    });
    let seen = '';
    const looks = new Set<() => void>();
    child.stdout.on('data', (chunk: Buffer) => {
      seen += chunk.toString();
      for (const look of looks) look();
    });
    const result = Promise.all([once(child, 'exit'), textOf(child.stdout), text(child.stderr)]).then(
      ([[code], out, err]): CommandResult => ({ code: typeof code === 'number' ? code : null, out, err }),
    );
    return {
      child,
      result,
      closeOutput: () => void child.stdout.destroy(),
      signal: (name: NodeJS.Signals) => void child.kill(name),
      until: (pattern: RegExp) =>
        Promise.race([
          new Promise<void>((resolve) => {
            const look = () => pattern.test(seen) && resolve();
            looks.add(look);
            look();
          }),
          result.then(({ code, out, err }) => {
            if (!pattern.test(out))
              throw new Error(`it ended with ${code} before it printed ${pattern}:\n${out}${err}`);
          }),
        ]),
    };
  }
  function feed(input: string, ...words: string[]) {
    const { child, result } = start(...words);
    child.stdin.end(input);
    return result;
  }
  return Object.assign((...words: string[]) => feed('', ...words), { feed, start });
}
