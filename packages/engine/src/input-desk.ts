import type { ApprovalRule, ExecutionEvent, RunInput } from '@wegent/api';
import type { Turn } from './engine.ts';

type ApprovalInput = Extract<RunInput, { type: 'approval' }>;
type AnswerInput = Extract<RunInput, { type: 'answer' }>;
type MessageInput = Extract<RunInput, { type: 'message' }>;

/** A tool call that a person has decided on. */
export type Decision =
  | { decision: 'allow'; updatedInput: unknown; remember: ApprovalRule | undefined }
  | { decision: 'deny'; message: string };

/** Where an engine asks the people of a turn, and hears what they say. */
export interface InputDesk {
  /** Asks for a tool call and waits, however long; rejects when the turn is aborted. */
  askApproval(call: {
    tool: string;
    title: string;
    input: unknown;
    reason: string;
    /** The member that wants it, where members work inside the run. */
    child?: string;
  }): Promise<Decision>;
  /** Asks questions and waits for the answers by question id; rejects when the turn is aborted. */
  askQuestions(
    questions: Extract<ExecutionEvent, { type: 'question' }>['questions'],
  ): Promise<Record<string, unknown>>;
  /** From now on gets what people say in between; what they said before is handed over at once. */
  onMessage(listener: (message: MessageInput) => void): void;
}

/** Opens the desk of a turn. It takes the turn's one listener. */
export function openInputDesk(turn: Pick<Turn, 'spec' | 'emit' | 'onInput' | 'signal'>): InputDesk {
  const { spec, emit, signal } = turn;
  const approvals = createWaits<ApprovalInput>(signal);
  const answers = createWaits<AnswerInput>(signal);
  const early: MessageInput[] = [];
  let onMessage: (message: MessageInput) => void = (message) => early.push(message);
  let count = 0;
  // People answer by this id alone, so it names the run too.
  const idOf = (what: string) => `${spec.executionId}-a${spec.attempt}-${what}-${++count}`;
  turn.onInput((input) => {
    if (input.type === 'approval') approvals.settle(input.approvalId, input);
    if (input.type === 'answer') answers.settle(input.questionId, input);
    if (input.type === 'message') onMessage(input);
  });
  return {
    askApproval: async (call) => {
      const approvalId = idOf('approval');
      emit({ type: 'approval-request', approvalId, ...call });
      const input = await approvals.wait(approvalId);
      emit({
        type: 'approval-decided',
        approvalId,
        decision: input.decision,
        by: input.by,
        ...(input.reason === undefined ? {} : { reason: input.reason }),
      });
      if (input.decision === 'allow')
        return { decision: 'allow', updatedInput: input.updatedInput, remember: input.remember };
      return { decision: 'deny', message: refusal(input) };
    },
    askQuestions: async (questions) => {
      const questionId = idOf('question');
      emit({ type: 'question', questionId, questions });
      const input = await answers.wait(questionId);
      emit({ type: 'question-answered', questionId, answers: input.answers });
      return input.answers;
    },
    onMessage: (listener) => {
      onMessage = listener;
      for (const message of early.splice(0)) listener(message);
    },
  };
}

/** What the model reads about a call that was not made. */
function refusal({ decision, reason }: ApprovalInput): string {
  if (decision === 'expired')
    return 'Nobody answered in time whether this call may be made. It was not made.';
  return reason
    ? `The person refused this call. They say: ${reason}`
    : 'The person refused this call without giving a reason. It was not made.';
}

function createWaits<Input>(signal: AbortSignal) {
  const waits = new Map<string, PromiseWithResolvers<Input>>();
  const of = (id: string) => {
    const known = waits.get(id);
    if (known) return known;
    const made = Promise.withResolvers<Input>();
    waits.set(id, made);
    return made;
  };
  return {
    settle: (id: string, input: Input) => of(id).resolve(input),
    wait: (id: string) => untilAborted(of(id).promise, signal),
  };
}

async function untilAborted<Value>(promise: Promise<Value>, signal: AbortSignal): Promise<Value> {
  signal.throwIfAborted();
  const aborted = Promise.withResolvers<never>();
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener('abort', abort, { once: true });
  try {
    return await Promise.race([promise, aborted.promise]);
  } finally {
    signal.removeEventListener('abort', abort);
  }
}
