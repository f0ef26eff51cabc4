import { StringDecoder } from 'node:string_decoder';
import type { ExecutionEvent } from '@wegent/api';

type Stream = Extract<ExecutionEvent, { type: 'log' }>['stream'];

const FLUSH_MS = 100;
const FLUSH_BYTES = 16 * 1024;
/** What one command may write into the log of a run. */
const MAX_BYTES = 512 * 1024;
const TAIL_BYTES = 4 * 1024;

/** Turns the output of a command into few, bounded `log` events, and remembers its end. */
export function createLogBatcher(emit: (event: ExecutionEvent) => void) {
  const decoders = { stdout: new StringDecoder('utf8'), stderr: new StringDecoder('utf8') };
  let pending: { stream: Stream; text: string } | undefined;
  let written = 0;
  let last = '';
  let clock: NodeJS.Timeout | undefined;

  function flush(): void {
    clearTimeout(clock);
    clock = undefined;
    if (pending) emit({ type: 'log', ...pending });
    pending = undefined;
  }

  return {
    write(stream: Stream, chunk: Buffer | string): void {
      const text =
        typeof chunk === 'string' || stream === 'system' ? String(chunk) : decoders[stream].write(chunk);
      if (text === '') return;
      if (stream !== 'system') last = (last + text).slice(-TAIL_BYTES);
      if (written > MAX_BYTES) return;
      written += text.length;
      if (pending && pending.stream !== stream) flush();
      pending = { stream, text: (pending?.text ?? '') + text };
      if (written > MAX_BYTES) {
        flush();
        emit({ type: 'log', stream: 'system', text: '… more output is not kept\n' });
        return;
      }
      if (pending.text.length >= FLUSH_BYTES) flush();
      else clock ??= setTimeout(flush, FLUSH_MS);
    },
    tail: (): string => last.trim(),
    end: flush,
  };
}
