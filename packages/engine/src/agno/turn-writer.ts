import { costOf, type ExecutionEvent, type ModelEndpoint } from '@wegent/api';
import type { AgnoEvent } from './bridge-messages.ts';

/** Turns events of Agno into the events of one run. */
export interface TurnWriter {
  write(event: AgnoEvent): void;
  /** Ends what is still open: nothing more will come. */
  end(): void;
}

type Kind = 'text' | 'reasoning';

interface Open {
  blockId: string;
  kind: Kind;
  since: number;
}

/** Numbers of the blocks of an execution, which all of its writers share. */
export type BlockNumbers = Record<'t' | 'r' | 'c', number>;

/** Makes the writer of one run; block ids are unique within the execution and attempt. */
export function createTurnWriter(given: {
  attempt: number;
  model: ModelEndpoint;
  numbers?: BlockNumbers;
  /** Whose run it is, where it is that of a member inside the execution. */
  member?: { name: string; child: string } | undefined;
  titleOf: (tool: string) => string;
  emit: (event: ExecutionEvent) => void;
}): TurnWriter {
  const { attempt, model, member, titleOf, emit, numbers = { t: 0, r: 0, c: 0 } } = given;
  const owner = member ? { child: member.child } : {};
  const calls = new Map<string, { blockId: string; since: number }>();
  let open: Open | undefined;
  /** Blocks of the request that is under way; undefined between two. */
  let request: string[] | undefined;
  let hasText = false;

  const nextId = (letter: keyof typeof numbers) => `a${attempt}-${letter}${++numbers[letter]}`;
  const close = () => {
    if (open?.kind === 'text') emit({ type: 'text-end', blockId: open.blockId });
    if (open?.kind === 'reasoning')
      emit({ type: 'reasoning-end', blockId: open.blockId, durationMs: elapsed(open.since) });
    open = undefined;
  };
  const add = (kind: Kind, text: string | undefined) => {
    if (text === undefined || text === '') return;
    if (open?.kind !== kind) {
      close();
      open = { blockId: nextId(kind === 'text' ? 't' : 'r'), kind, since: performance.now() };
      request?.push(open.blockId);
      emit({ type: `${kind}-start`, blockId: open.blockId, ...owner });
    }
    if (kind === 'text') hasText = true;
    emit({ type: `${kind}-delta`, blockId: open.blockId, text });
  };
  const call = ({ id, name, input }: NonNullable<AgnoEvent['tool']>) => {
    close();
    if (id == null || calls.has(id)) return;
    const tool = name ?? 'unknown';
    const blockId = nextId('c');
    calls.set(id, { blockId, since: performance.now() });
    emit({ type: 'tool-call', blockId, ...owner, tool, title: titleOf(tool), input: input ?? {} });
  };
  const output = ({ id, output: result, isError }: NonNullable<AgnoEvent['tool']>) => {
    const found = calls.get(id ?? '');
    // A failed call is told twice.
    if (id == null || !found) return;
    calls.delete(id);
    const durationMs = elapsed(found.since);
    emit({ type: 'tool-output', blockId: found.blockId, output: result ?? null, isError, durationMs });
  };
  const usage = ({
    input,
    output: out,
    reasoning,
    cacheRead,
    cacheWrite,
  }: NonNullable<AgnoEvent['usage']>) => {
    const tokens = {
      // Only Anthropic counts what came from the cache, or went there, beside the input.
      inputTokens: model.protocol === 'anthropic' ? input + cacheRead + cacheWrite : input,
      cachedInputTokens: cacheRead,
      outputTokens: out,
      reasoningTokens: reasoning,
    };
    if (tokens.inputTokens + tokens.outputTokens === 0) return;
    const costUsd = costOf(tokens, model.pricing);
    emit({ type: 'usage', ...tokens, costUsd, ...(member ? { member: member.name } : {}) });
  };

  return {
    write: (event) => {
      switch (event.event) {
        case 'ModelRequestStarted':
          // The one before broke: what it said comes again.
          for (const blockId of request ?? []) emit({ type: 'block-reset', blockId });
          if (request) open = undefined;
          request = [];
          return;
        case 'RunContent':
          add('reasoning', event.reasoning);
          add('text', event.content);
          return;
        case 'ReasoningContentDelta':
          add('reasoning', event.reasoning);
          return;
        case 'ModelRequestCompleted':
          close();
          request = undefined;
          if (event.usage) usage(event.usage);
          return;
        case 'ToolCallStarted':
          if (event.tool) call(event.tool);
          return;
        case 'ToolCallCompleted':
        case 'ToolCallError':
          if (event.tool) output(event.tool);
          return;
        case 'RunCompleted':
          if (!hasText) add('text', event.content);
          close();
          return;
        default:
          return;
      }
    },
    end: () => {
      close();
      for (const { blockId, since } of calls.values()) {
        const words = 'The call was stopped before it had a result.';
        emit({ type: 'tool-output', blockId, output: words, isError: true, durationMs: elapsed(since) });
      }
      calls.clear();
    },
  };
}

function elapsed(since: number): number {
  return Math.round(performance.now() - since);
}
