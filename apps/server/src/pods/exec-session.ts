import { ApiError } from '@wegent/api';
import { decodeExecFrame, EXEC_CHANNELS, type ExecOptions, encodeExecFrame, encodeExit } from '@wegent/kube';
import type { WebSocket } from 'ws';
import { createExecReader, execScript } from './exec-script.ts';

const CHECK_MS = 10_000;
const MAX_INPUT_BYTES = 48 * 1024;
/** A reader that has so much to catch up with makes the source wait. */
const HIGH_WATER_BYTES = 1024 * 1024;
const DRAIN_MS = 20;

/** The terminal that a session runs in. */
export interface SessionTerminal {
  call: (
    method: 'GET' | 'POST' | 'DELETE',
    action: string,
    body?: { body: Buffer; contentType: string },
  ) => Promise<AsyncIterable<Uint8Array>>;
}

/** Runs one command for one client until it ends, the client goes, or the right to it does. */
export async function runExecSession({
  client,
  options,
  nonce,
  authorise,
  terminal,
}: {
  client: WebSocket;
  options: ExecOptions;
  nonce: string;
  /** Rejects when the client must not go on. */
  authorise: () => Promise<unknown>;
  terminal: SessionTerminal;
}): Promise<void> {
  const script = execScript(options.command, { nonce, tty: options.tty, stdin: options.stdin });
  const read = createExecReader(nonce);
  const begun = Promise.withResolvers<void>();
  let ended = false;
  let queue: Promise<unknown> = begun.promise;

  const send = (frame: Uint8Array) => {
    if (client.readyState === client.OPEN) client.send(frame);
  };
  const end = (outcome: Parameters<typeof encodeExit>[0]) => {
    if (ended) return;
    ended = true;
    send(encodeExit(outcome));
    client.close(1000);
  };
  const type = async (data: string | Uint8Array) => {
    const bytes = Buffer.from(data);
    for (let start = 0; start < bytes.length; start += MAX_INPUT_BYTES) {
      const body = bytes.subarray(start, start + MAX_INPUT_BYTES);
      await drain(await terminal.call('POST', '/input', { body, contentType: 'application/octet-stream' }));
    }
  };
  // In the order in which it came; what cannot be passed on ends the session.
  const enqueue = (work: () => Promise<unknown>) => {
    queue = queue.then(work).catch((error: unknown) => end({ error: messageOf(error) }));
  };

  client.on('message', (raw: Buffer) => {
    const frame = decodeExecFrame(raw);
    if (frame.type === 'stdin' && options.stdin) enqueue(() => type(script.input(frame.data)));
    if (frame.type === 'close' && frame.channel === EXEC_CHANNELS.stdin && options.stdin)
      enqueue(() => type(script.input(undefined)));
    if (frame.type === 'resize' && options.tty) {
      const size = { cols: Math.min(frame.columns, 1000), rows: Math.min(frame.rows, 1000) };
      const body = Buffer.from(JSON.stringify(size));
      void terminal
        .call('POST', '/resize', { body, contentType: 'application/json' })
        .then(drain)
        .catch(() => {});
    }
  });
  client.on('error', () => client.terminate());
  const gone = new Promise<void>((resolve) => client.once('close', () => resolve()));
  const check = setInterval(() => {
    authorise().catch((error: unknown) => end({ error: messageOf(error) }));
  }, CHECK_MS);

  async function pump(): Promise<void> {
    let code: number | undefined;
    for await (const chunk of await terminal.call('GET', '/output')) {
      for (const output of read(chunk)) {
        switch (output.type) {
          case 'begin':
            begun.resolve();
            break;
          case 'stdout':
          case 'stderr':
            if (options[output.type]) send(encodeExecFrame(output.type, output.data));
            break;
          case 'exit':
            code = output.code;
            break;
          case 'end':
            return end({ exitCode: code ?? 0 });
        }
      }
      while (client.bufferedAmount > HIGH_WATER_BYTES && client.readyState === client.OPEN)
        await pause(DRAIN_MS);
      if (ended || client.readyState !== client.OPEN) return;
    }
    end(code === undefined ? { error: 'the shell ended before the command did' } : { exitCode: code });
  }

  try {
    await type(script.line);
    await Promise.race([pump(), gone]);
  } catch (error) {
    end({ error: messageOf(error) });
  } finally {
    clearInterval(check);
    // Nobody types any more.
    begun.resolve();
    await terminal
      .call('DELETE', '')
      .then(drain)
      .catch(() => {});
  }
}

function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'the connection to the sandbox was lost';
}

async function drain(body: AsyncIterable<Uint8Array>): Promise<void> {
  for await (const _chunk of body);
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
