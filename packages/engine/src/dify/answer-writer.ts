import type { ExecutionEvent } from '@wegent/api';
import { createThoughtSplitter, type Piece } from './split-thoughts.ts';

/** Writes the text of an answer, its thoughts and its steps. */
export type AnswerWriter = ReturnType<typeof createAnswerWriter>;

interface OpenBlock {
  blockId: string;
  kind: Piece['kind'];
  since: number;
}

/**
 * Makes the writer of one answer. Names of blocks depend on the answer alone, so that an attempt that goes on with a
 * lost one can take back what that wrote: `before` is the number of its blocks.
 */
export function createAnswerWriter(emit: (event: ExecutionEvent) => void, before = 0) {
  let count = before;
  let open: OpenBlock | undefined;
  let splitter = createThoughtSplitter();
  let texts: { blockId: string; text: string }[] = [];
  const steps = new Map<string, number>();
  const isResumed = before > 0;
  for (let number = 1; number <= before; number++) emit({ type: 'block-reset', blockId: `b${number}` });

  function close(): void {
    if (!open) return;
    const { blockId, kind, since } = open;
    open = undefined;
    if (kind === 'text') emit({ type: 'text-end', blockId });
    else emit({ type: 'reasoning-end', blockId, durationMs: elapsed(since) });
  }

  function write({ kind, text }: Piece): void {
    if (text === '') return;
    if (open?.kind !== kind) {
      close();
      open = { blockId: `b${++count}`, kind, since: performance.now() };
      emit({ type: `${kind}-start`, blockId: open.blockId });
      if (kind === 'text') texts.push({ blockId: open.blockId, text: '' });
    }
    emit({ type: `${kind}-delta`, blockId: open.blockId, text });
    const last = texts.at(-1);
    if (kind === 'text' && last) last.text += text;
  }

  function endBlock(): void {
    splitter.flush().forEach(write);
    close();
    splitter = createThoughtSplitter();
  }

  return {
    /** Adds to the answer; thoughts in tags become reasoning. */
    text: (text: string) => splitter.push(text).forEach(write),
    reasoning: (text: string) => write({ kind: 'reasoning', text }),
    /** Ends the block that is being written; what follows begins another one. */
    endBlock,
    /** Puts a text in place of all that was written. */
    replace(text: string): void {
      endBlock();
      for (const { blockId } of texts) emit({ type: 'block-reset', blockId });
      texts = [];
      splitter.push(text).forEach(write);
    },
    step(id: string, call: { tool: string; title: string; input: unknown }): void {
      if (steps.has(id)) return;
      steps.set(id, performance.now());
      if (isResumed) emit({ type: 'block-reset', blockId: id });
      emit({ type: 'tool-call', blockId: id, ...call });
    },
    stepEnd(id: string, result: { output: unknown; isError: boolean; durationMs?: number }): void {
      const since = steps.get(id);
      if (since === undefined || since < 0) return;
      steps.set(id, -1);
      emit({ type: 'tool-output', blockId: id, durationMs: elapsed(since), ...result });
    },
    /** Ends everything that is open. */
    end(): void {
      endBlock();
      for (const [id, since] of steps) {
        if (since < 0) continue;
        steps.set(id, -1);
        emit({ type: 'tool-output', blockId: id, output: null, isError: false, durationMs: elapsed(since) });
      }
    },
    /** The text so far, without thoughts. */
    get written(): string {
      return texts.map(({ text }) => text).join('\n\n');
    },
    /** Number of blocks of text and thoughts that were begun. */
    get blocks(): number {
      return count;
    },
  };
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
