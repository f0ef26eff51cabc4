import { EXEC_CHANNELS, type ExecOptions } from '@wegent/kube';
import { createInputLines } from './input-lines.ts';
import type { PodChannel } from './pod-channel.ts';

/** The Task that a session is attached to. */
export interface AttachedTask {
  /** Whether it was at rest when the client came. */
  wasAtRest: boolean;
  /** Its log from now on, to the end of the turn, and beyond it while `stays`. */
  follow: (options: { stays: () => boolean; signal: AbortSignal }) => AsyncIterable<Uint8Array>;
  /** Sends a message in the name of the client. */
  say: (text: string) => Promise<unknown>;
  /** Whether its turn ended well. */
  hasCompleted: () => Promise<boolean>;
}

/**
 * Joins a client and a Task: the client sees what the agents say and do from now on, and each of its lines is a message
 * to them. It ends with the turn; in a Task at rest, with the turn that the first line begins.
 */
export async function runAttachSession({
  channel,
  options,
  task,
}: {
  channel: PodChannel;
  options: Pick<ExecOptions, 'stdin' | 'stdout'>;
  task: AttachedTask;
}): Promise<void> {
  const lines = createInputLines();
  const reading = new AbortController();
  void channel.gone.then(() => reading.abort());
  // Nobody has said anything yet that it could be waiting for.
  let isWaiting = options.stdin && task.wasAtRest;
  let saying = 0;

  async function say(text: string): Promise<void> {
    if (text.trim() === '') return;
    saying += 1;
    try {
      await task.say(text);
      isWaiting = false;
    } finally {
      saying -= 1;
    }
  }

  channel.listen(async (frame) => {
    if (!options.stdin) return;
    if (frame.type === 'stdin') for (const line of lines.push(frame.data)) await say(line);
    if (frame.type === 'close' && frame.channel === EXEC_CHANNELS.stdin) {
      await say(lines.end());
      isWaiting = false;
    }
  });

  try {
    const stays = () => isWaiting || saying > 0;
    for await (const piece of task.follow({ stays, signal: reading.signal })) {
      if (options.stdout) await channel.send('stdout', piece);
      if (!channel.isOpen()) return;
    }
    if (channel.isOpen()) channel.end({ exitCode: (await task.hasCompleted()) ? 0 : 1 });
  } catch (error) {
    channel.fail(error);
  } finally {
    reading.abort();
  }
}
