import type { ExecutionEvent } from '@wegent/api';

/** Writes the blocks of a model's answer as events; ids are unique within the execution and attempt. */
export interface StepWriter {
  text(partId: string, text: string): void;
  reasoning(partId: string, text: string): void;
  /** Ends the text or reasoning block of that part. */
  end(partId: string): void;
  endAll(): void;
  toolCall(call: { callId: string; tool: string; title: string; input: unknown }): void;
  toolOutput(result: { callId: string; output: unknown; isError: boolean }): void;
  /** Takes back what this step wrote, before it is tried again. */
  reset(): void;
  /** Begins a step: what came before stays, whatever happens. */
  begin(): void;
  /** Has the step called a tool? Then it must not be tried again. */
  readonly calledTool: boolean;
}

interface OpenBlock {
  blockId: string;
  kind: 'text' | 'reasoning';
  since: number;
}

interface OpenCall {
  blockId: string;
  since: number;
}

/** Makes the writer of one run. Providers open blocks that stay empty; a block here begins with its first text. */
export function createStepWriter(attempt: number, emit: (event: ExecutionEvent) => void): StepWriter {
  const numbers = { t: 0, r: 0, c: 0 };
  const open = new Map<string, OpenBlock>();
  const calls = new Map<string, OpenCall>();
  let written: string[] = [];
  let calledTool = false;

  const nextId = (letter: keyof typeof numbers) => {
    const blockId = `a${attempt}-${letter}${++numbers[letter]}`;
    written.push(blockId);
    return blockId;
  };
  const write = (kind: OpenBlock['kind'], partId: string, text: string) => {
    if (text === '') return;
    const key = `${kind}:${partId}`;
    let block = open.get(key);
    if (!block) {
      block = { blockId: nextId(kind === 'text' ? 't' : 'r'), kind, since: performance.now() };
      open.set(key, block);
      emit({ type: `${kind}-start`, blockId: block.blockId });
    }
    emit({ type: `${kind}-delta`, blockId: block.blockId, text });
  };
  const close = (key: string) => {
    const block = open.get(key);
    if (!block) return;
    open.delete(key);
    if (block.kind === 'text') emit({ type: 'text-end', blockId: block.blockId });
    else emit({ type: 'reasoning-end', blockId: block.blockId, durationMs: elapsed(block.since) });
  };
  const endAll = () => {
    for (const key of [...open.keys()]) close(key);
  };
  return {
    text: (partId, text) => write('text', partId, text),
    reasoning: (partId, text) => write('reasoning', partId, text),
    end: (partId) => {
      close(`text:${partId}`);
      close(`reasoning:${partId}`);
    },
    endAll,
    toolCall: ({ callId, ...call }) => {
      endAll();
      calledTool = true;
      const blockId = nextId('c');
      calls.set(callId, { blockId, since: performance.now() });
      emit({ type: 'tool-call', blockId, ...call });
    },
    toolOutput: ({ callId, ...result }) => {
      const call = calls.get(callId);
      if (!call) return;
      calls.delete(callId);
      emit({ type: 'tool-output', blockId: call.blockId, ...result, durationMs: elapsed(call.since) });
    },
    reset: () => {
      open.clear();
      for (const blockId of written) emit({ type: 'block-reset', blockId });
      written = [];
    },
    begin: () => {
      written = [];
      calledTool = false;
    },
    get calledTool() {
      return calledTool;
    },
  };
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
