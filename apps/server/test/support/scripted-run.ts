import type { Claim, EventAck, ExecutionEvent, Heartbeat, ManagerLink, Outcome, RunError } from '@wegent/api';
import { waitFor } from '@wegent/testing';

const WAIT_MS = 20_000;

/** A run that the test claimed: each event is posted when the test says so, and stored when the call resolves. */
export interface ScriptedRun {
  readonly id: string;
  readonly claim: Claim;
  /** Announces the run, as every engine does first. */
  start(): Promise<EventAck>;
  /** Writes text into one block, which is opened when there is none. */
  text(text: string): Promise<EventAck>;
  /** Calls a tool and takes its output. */
  tool(name: string, output?: unknown): Promise<EventAck>;
  usage(tokens: { input: number; output: number; costUsd?: number }): Promise<EventAck>;
  /** Ends the run. */
  finish(outcome?: Outcome, error?: RunError): Promise<EventAck>;
  /** Start, one text, end. */
  answer(text: string): Promise<EventAck>;
  /** Posts any events behind those that were posted. */
  emit(...events: ExecutionEvent[]): Promise<EventAck>;
  heartbeat(): Promise<Heartbeat>;
  /** Waits for the order to stop. */
  toldToStop(): Promise<void>;
  /** Waits for the order to stop, and obeys. */
  obey(): Promise<void>;
}

/** Takes a run the way a manager does, through the same contract. */
export async function claimRun(
  link: ManagerLink,
  executionId: string,
  managerId = 'suite',
): Promise<ScriptedRun> {
  const claim = await link.claim(executionId, { managerId });
  const { attempt, spec } = claim;
  let nextSeq = claim.nextSeq;
  let openText: string | undefined;
  let blocks = 0;
  const newBlock = (kind: string) => {
    blocks += 1;
    return `${kind}-${attempt}-${blocks}`;
  };

  async function emit(...events: ExecutionEvent[]): Promise<EventAck> {
    const answer = await link.events(executionId, { attempt, firstSeq: nextSeq, events });
    nextSeq += events.length;
    return answer;
  }

  const endOfText = (): ExecutionEvent[] => {
    if (openText === undefined) return [];
    const blockId = openText;
    openText = undefined;
    return [{ type: 'text-end', blockId }];
  };

  const startEvent = (): ExecutionEvent => ({
    type: 'run-start',
    executionId,
    attempt,
    bot: spec.bot,
    shellType: spec.shell.shellType,
  });

  const textEvents = (text: string): ExecutionEvent[] => {
    if (openText !== undefined) return [{ type: 'text-delta', blockId: openText, text }];
    openText = newBlock('text');
    return [
      { type: 'text-start', blockId: openText },
      { type: 'text-delta', blockId: openText, text },
    ];
  };

  const finishEvent = (outcome: Outcome, error?: RunError): ExecutionEvent => ({
    type: 'finish',
    outcome,
    ...(error ? { error } : {}),
  });

  const heartbeat = () => link.heartbeat(executionId, { attempt });
  const finish: ScriptedRun['finish'] = (outcome = 'completed', error) =>
    emit(...endOfText(), finishEvent(outcome, error));

  async function toldToStop(): Promise<void> {
    await waitFor(async () => (await heartbeat()).commands.some(({ type }) => type === 'cancel'), {
      what: `run ${executionId} to be told to stop`,
      timeoutMs: WAIT_MS,
    });
  }

  return {
    id: executionId,
    claim,
    emit,
    start: () => emit(startEvent()),
    text: (text) => emit(...textEvents(text)),
    tool(name, output = 'done') {
      const blockId = newBlock('tool');
      return emit(
        ...endOfText(),
        { type: 'tool-call', blockId, tool: name, title: name, input: {} },
        { type: 'tool-output', blockId, output, isError: false, durationMs: 1 },
      );
    },
    usage: ({ input, output, costUsd }) =>
      emit({
        type: 'usage',
        inputTokens: input,
        cachedInputTokens: 0,
        outputTokens: output,
        reasoningTokens: 0,
        costUsd: costUsd ?? null,
      }),
    finish,
    answer: (text) => emit(startEvent(), ...textEvents(text), ...endOfText(), finishEvent('completed')),
    heartbeat,
    toldToStop,
    async obey() {
      await toldToStop();
      await finish('cancelled');
    },
  };
}
