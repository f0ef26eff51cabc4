import { createProcessFrameReader, type ProcessFrameName } from '@wegent/api';
import { EXEC_CHANNELS, type ExecOptions } from '@wegent/kube';
import type { PodChannel } from './pod-channel.ts';

/** Bytes of input in one request. */
const MAX_INPUT_BYTES = 48 * 1024;
const MAX_SIZE = 1000;
const DEFAULT_SIZE = { columns: 80, rows: 24 };

/** The command that a session runs. */
export interface SessionCommand {
  call: (
    method: 'GET' | 'POST' | 'DELETE',
    action: string,
    body?: { body: Buffer; contentType: string },
  ) => Promise<AsyncIterable<Uint8Array>>;
}

/** Joins a client and a command until the command ends, the client goes, or the right to it does. */
export async function runExecSession({
  channel,
  options,
  command,
}: {
  channel: PodChannel;
  options: Pick<ExecOptions, 'stdin' | 'stdout' | 'stderr' | 'tty'>;
  command: SessionCommand;
}): Promise<void> {
  channel.listen(async (frame) => {
    if (frame.type === 'resize' && options.tty) {
      const body = Buffer.from(JSON.stringify(terminalSize(frame)));
      await drain(await command.call('POST', '/resize', { body, contentType: 'application/json' }));
    }
    if (!options.stdin) return;
    if (frame.type === 'stdin') await type(Buffer.from(frame.data));
    if (frame.type === 'close' && frame.channel === EXEC_CHANNELS.stdin)
      await drain(await command.call('POST', '/end'));
  });

  async function type(bytes: Buffer): Promise<void> {
    for (let start = 0; start < bytes.length; start += MAX_INPUT_BYTES) {
      const body = bytes.subarray(start, start + MAX_INPUT_BYTES);
      await drain(await command.call('POST', '/input', { body, contentType: 'application/octet-stream' }));
    }
  }

  async function pump(): Promise<void> {
    const frames: { name: ProcessFrameName; content: Uint8Array }[] = [];
    const read = createProcessFrameReader((name, content) => frames.push({ name, content }));
    for await (const chunk of await command.call('GET', '/output')) {
      read(chunk);
      for (const { name, content } of frames.splice(0)) {
        if (name === 'exit') return channel.end({ exitCode: content[0] ?? 1 });
        if (name === 'stdin' || content.length === 0) continue;
        // A terminal has one output.
        const output = options.tty ? 'stdout' : name;
        if (options[output]) await channel.send(output, content);
      }
      if (!channel.isOpen()) return;
    }
    channel.end({ error: 'the sandbox ended before the command did' });
  }

  try {
    await Promise.race([pump(), channel.gone]);
  } catch (error) {
    channel.fail(error);
  } finally {
    await command
      .call('DELETE', '')
      .then(drain)
      .catch(() => {});
  }
}

/** A size as executors take it. */
export function terminalSize({ columns, rows } = DEFAULT_SIZE): { cols: number; rows: number } {
  return { cols: Math.min(columns, MAX_SIZE), rows: Math.min(rows, MAX_SIZE) };
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of body);
}
