import type {
  Claim,
  EventAck,
  ExecutionEvent,
  Heartbeat,
  ManagerLink,
  Outcome,
  RunError,
  RunInput,
} from '@wegent/api';
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
  /** The same with a cursor. */
  emitAt(cursor: string, ...events: ExecutionEvent[]): Promise<EventAck>;
  /** Asks for a tool call. */
  askApproval(approvalId: string, title?: string): Promise<EventAck>;
  heartbeat(received?: string[]): Promise<Heartbeat>;
  /** What people say to the run, as soon as there is something; the run has got it then. */
  inputs(): Promise<RunInput[]>;
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

  async function post(events: ExecutionEvent[], cursor?: string): Promise<EventAck> {
    const batch = { attempt, firstSeq: nextSeq, events, ...(cursor === undefined ? {} : { cursor }) };
    const answer = await link.events(executionId, batch);
    nextSeq += events.length;
    return answer;
  }
  const emit = (...events: ExecutionEvent[]) => post(events);

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

  const heartbeat = (received: string[] = []) => link.heartbeat(executionId, { attempt, received });
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
    emitAt: (cursor, ...events) => post(events, cursor),
    askApproval: (approvalId, title = 'Run a command') =>
      emit({
        type: 'approval-request',
        approvalId,
        tool: 'Bash',
        title,
        input: { command: 'ls' },
        reason: 'a rule asks',
      }),
    async inputs() {
      const inputs = await waitFor(
        async () => {
          const { commands } = await heartbeat();
          const found = commands.flatMap((command) => (command.type === 'input' ? [command.input] : []));
          return found.length > 0 && found;
        },
        { what: `inputs of run ${executionId}`, timeoutMs: WAIT_MS },
      );
      await heartbeat(inputs.map(({ id }) => id));
      return inputs;
    },
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
