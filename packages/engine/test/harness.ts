import {
  EMPTY_FOLD,
  type ExecutionEvent,
  ExecutionSpec,
  type MessageFold,
  type RunInput,
  reduceEvents,
  textOf,
} from '@wegent/api';
import { createSimulator, type RunningSimulator, type SimulatorOptions } from '@wegent/simulator';
import { createEngines, RunFailure, runTurn } from '../src/index.ts';

export const PROTOCOLS = ['openai-chat', 'openai-responses', 'anthropic'] as const;
export type Protocol = (typeof PROTOCOLS)[number];

/** A simulator without pauses. */
export function startSimulator(options: SimulatorOptions = {}): Promise<RunningSimulator> {
  return createSimulator({ pace: 0, ...options }).listen();
}

/** A valid spec that asks `text` of the simulator at `url`; `change` may alter it. */
export function specOf(given: {
  url: string;
  text: string;
  protocol?: Protocol;
  change?: (spec: ExecutionSpec) => void;
}): ExecutionSpec {
  const spec: ExecutionSpec = {
    executionId: 'execution-1',
    taskId: 'task-1',
    messageId: 'message-1',
    attempt: 1,
    namespace: 'default',
    owner: { userId: 'user-1', name: 'ada' },
    taskType: 'chat',
    bot: { name: 'helper', namespace: 'default' },
    shell: {
      name: 'chat',
      shellType: 'Chat',
      network: 'open',
      turnSeconds: 60,
      idleSeconds: 30,
      startSeconds: 30,
      maxAttempts: 3,
    },
    model: {
      name: 'demo',
      protocol: given.protocol ?? 'openai-chat',
      modelId: 'simulator',
      baseUrl: given.url,
      apiKey: 'sk-test-1234567890abcdef',
      headers: {},
      env: {},
      capabilities: {},
      pricing: { input: 1, output: 2 },
    },
    systemPrompt: 'You are a helper.',
    mcpServers: {},
    egress: [],
    approvals: [],
    skills: [],
    history: [],
    input: { role: 'user', text: given.text },
    options: {},
  };
  given.change?.(spec);
  return ExecutionSpec.parse(spec);
}

/** What a run amounted to. */
export interface Ran {
  events: ExecutionEvent[];
  fold: MessageFold;
  text: string;
  /** What it failed with, if it did. */
  failure: RunFailure['error'] | undefined;
}

/** Runs a spec on the real engines and folds what comes out. */
export async function run(
  spec: ExecutionSpec,
  options: {
    signal?: AbortSignal;
    onEvent?: (event: ExecutionEvent) => void;
    blobs?: Record<string, Uint8Array>;
    /** Gets what the turn listens with, to say something while it runs. */
    onListener?: (listener: (input: RunInput) => void) => void;
    mcpConnectMs?: number;
  } = {},
): Promise<Ran> {
  const events: ExecutionEvent[] = [];
  const chat = {
    retryDelaysMs: [1, 1],
    ...(options.mcpConnectMs === undefined ? {} : { mcpConnectMs: options.mcpConnectMs }),
  };
  let failure: Ran['failure'];
  try {
    await runTurn(createEngines({ chat }), {
      spec,
      emit: (event) => {
        events.push(event);
        options.onEvent?.(event);
      },
      ready: () => Promise.resolve(),
      onInput: (listener) => options.onListener?.(listener),
      signal: options.signal ?? new AbortController().signal,
      readBlob: (key) => Promise.resolve(options.blobs?.[key]),
    });
  } catch (cause) {
    if (!(cause instanceof RunFailure)) throw cause;
    failure = cause.error;
  }
  const fold = events.reduce((folded, event) => reduceEvents(folded, spec.executionId, event), EMPTY_FOLD);
  return { events, fold, text: textOf(fold), failure };
}
