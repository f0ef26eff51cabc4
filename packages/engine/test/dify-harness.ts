import { EMPTY_FOLD, type ExecutionEvent, ExecutionSpec, reduceEvents, textOf } from '@wegent/api';
import type { FakeDify } from '@wegent/testing';
import type { DifyEngineOptions } from '../src/dify/dify-engine.ts';
import { createEngines, RunFailure, runTurn } from '../src/index.ts';
import type { Ran } from './harness.ts';

/** Short times for everything that waits. */
export const FAST = {
  retryDelaysMs: [1, 1],
  quietMs: 20_000,
  lastEventMs: 200,
  pollMs: 20,
  recoverMs: 300,
} as const;

/** A spec whose Model is the application of a fake; `change` may alter it. */
export function difySpec(
  fake: Pick<FakeDify, 'origin' | 'key'>,
  text: string,
  change?: (spec: ExecutionSpec) => void,
): ExecutionSpec {
  const spec: ExecutionSpec = {
    executionId: 'execution-1',
    taskId: 'one',
    messageId: 'message-1',
    attempt: 1,
    namespace: 'default',
    owner: { userId: 'user-1', name: 'ada' },
    taskType: 'chat',
    bot: { name: 'helper', namespace: 'default' },
    shell: {
      name: 'dify',
      shellType: 'Dify',
      network: 'gateway-only',
      turnSeconds: 60,
      idleSeconds: 30,
      startSeconds: 30,
      maxAttempts: 3,
    },
    model: {
      name: 'app',
      protocol: 'openai-chat',
      modelId: '',
      headers: {},
      env: { DIFY_API_KEY: fake.key, DIFY_BASE_URL: `${fake.origin}/v1` },
      capabilities: {},
    },
    systemPrompt: '',
    mcpServers: {},
    egress: [],
    approvals: [],
    skills: [],
    history: [],
    input: { role: 'user', text },
    options: {},
  };
  change?.(spec);
  return ExecutionSpec.parse(spec);
}

/** What a Dify run amounted to. */
export interface DifyRan extends Ran {
  /** Id of the conversation that it told. */
  session: string | undefined;
  cursor: string | undefined;
  /** What the turn was aborted with, if it was. */
  aborted: unknown;
}

/** Runs a spec on the real engine. */
export async function runDify(
  spec: ExecutionSpec,
  given: {
    signal?: AbortSignal;
    onEvent?: (event: ExecutionEvent) => void;
    blobs?: Record<string, Uint8Array>;
    onListener?: Parameters<typeof runTurn>[1]['onInput'];
    resumeFrom?: string | undefined;
    /** Events of the attempt before. */
    before?: readonly ExecutionEvent[];
    options?: DifyEngineOptions;
  } = {},
): Promise<DifyRan> {
  const events: ExecutionEvent[] = [];
  let cursor: string | undefined;
  let failure: Ran['failure'];
  let aborted: unknown;
  try {
    await runTurn(createEngines({ dify: { ...FAST, ...given.options } }), {
      spec,
      emit: (event, at) => {
        cursor = at ?? cursor;
        events.push(event);
        given.onEvent?.(event);
      },
      ready: () => Promise.resolve(),
      onInput: (listener) => given.onListener?.(listener),
      ...(given.resumeFrom === undefined ? {} : { resumeFrom: given.resumeFrom }),
      signal: given.signal ?? new AbortController().signal,
      readBlob: (key) => Promise.resolve(given.blobs?.[key]),
    });
  } catch (cause) {
    if (cause instanceof RunFailure) failure = cause.error;
    else if (given.signal?.aborted) aborted = cause;
    else throw cause;
  }
  const all = [...(given.before ?? []), ...events];
  const fold = all.reduce((folded, event) => reduceEvents(folded, spec.executionId, event), EMPTY_FOLD);
  const session = events.findLast((event) => event.type === 'session')?.id;
  return { events, fold, text: textOf(fold), failure, session, cursor, aborted };
}
