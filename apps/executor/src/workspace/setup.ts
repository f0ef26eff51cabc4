import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ExecutionEvent } from '@wegent/api';
import { RunFailure } from '@wegent/engine/sandbox';
import { RAISE_OOM_SCORE } from '../process/oom-score.ts';
import { type Processes, ProcessGivenUp } from '../process/processes.ts';
import { createLogBatcher } from './log-batcher.ts';
import { ownFolder, writeJson } from './work-tree.ts';

/** Set-up commands of a workspace. */
export interface SetupRequest {
  processes: Processes;
  commands: readonly string[];
  folder: string;
  homeFolder: string;
  env: Readonly<Record<string, string>>;
  signal: AbortSignal;
  timeoutMs: number;
  emit: (event: ExecutionEvent) => void;
}

/**
 * Runs the set-up commands of a work tree once, and again when they change. What was done is remembered below HOME and
 * so travels with the archive.
 */
export async function runSetup(request: SetupRequest): Promise<void> {
  const { commands, folder, homeFolder, emit } = request;
  if (commands.length === 0) return;
  const marker = path.join(ownFolder(homeFolder), 'setup.json');
  const done = createHash('sha256')
    .update(JSON.stringify([path.basename(folder), commands]))
    .digest('hex');
  if ((await readMarker(marker)) === done) return;
  for (const [index, command] of commands.entries()) {
    emit({ type: 'phase', text: `Set-up ${index + 1} of ${commands.length}` });
    await runCommand(command, request);
  }
  await writeJson(marker, { done });
}

async function runCommand(command: string, request: SetupRequest): Promise<void> {
  const { processes, folder, env, signal, timeoutMs, emit } = request;
  const log = createLogBatcher(emit);
  log.write('system', `$ ${command}\n`);
  try {
    const { code } = await processes.run({
      command: 'sh',
      args: ['-c', `${RAISE_OOM_SCORE} exec sh -c "$1"`, 'sh', command],
      cwd: folder,
      env,
      signal,
      timeoutMs,
      maxOutput: 0,
      onOutput: (chunk, stream) => log.write(stream, chunk),
    });
    if (code !== 0)
      throw failed(command, `ended with ${code === null ? 'a signal' : `exit code ${code}`}`, log.tail());
  } catch (cause) {
    if (cause instanceof ProcessGivenUp)
      throw failed(command, `${cause.message} and was stopped`, log.tail());
    throw cause;
  } finally {
    log.end();
  }
}

function failed(command: string, how: string, tail: string): RunFailure {
  const shown = command.length > 200 ? `${command.slice(0, 200)}…` : command;
  return new RunFailure({
    reason: 'ToolFailed',
    message: `The set-up command \`${shown}\` ${how}. Correct it in the Workspace, then send the message again.`,
    retryable: false,
    ...(tail === '' ? {} : { detail: tail }),
  });
}

async function readMarker(file: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(file, 'utf8')).done;
  } catch {
    return undefined;
  }
}
