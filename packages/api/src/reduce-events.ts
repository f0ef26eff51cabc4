import { type ExecutionState, isFinal, type Outcome } from './execution.ts';
import type { ExecutionEvent } from './execution-events.ts';
import {
  addInsideUsage,
  endInside,
  insidersOf,
  isInside,
  isNamed,
  startInside,
  withoutInside,
} from './inside-runs.ts';
import type { Block, Message, MessageStatus, RunFold } from './message.ts';
import { decisiveStates, type RunStep } from './run-step.ts';
import { addUsage, type Usage } from './usage.ts';

/** What the events of an answer amount to. */
export interface MessageFold {
  blocks: readonly Block[];
  runs: readonly RunFold[];
  usage?: Usage;
}

/** The fold of no events. */
export const EMPTY_FOLD: MessageFold = { blocks: [], runs: [] };

/**
 * Folds one event of one run into an answer: pure, and the same on the server and in every client.
 * Events must come in `seq` order, each once. An event about an unknown block changes nothing.
 */
export function reduceEvents(fold: MessageFold, executionId: string, event: ExecutionEvent): MessageFold {
  // What a member does inside the run is told by the run, and stands with the member.
  const owner = 'child' in event && isInside(fold, event.child, executionId) ? event.child : executionId;
  const key = { executionId: owner };
  switch (event.type) {
    case 'run-start':
      return setRun(fold, {
        executionId,
        state: 'running',
        attempt: event.attempt,
        ...(event.step === undefined ? {} : memberOf(event, event.step)),
      });
    case 'text-start':
      return append(fold, { type: 'text', ...key, blockId: event.blockId, text: '', done: false });
    case 'reasoning-start':
      return append(fold, { type: 'reasoning', ...key, blockId: event.blockId, text: '', done: false });
    case 'text-delta':
    case 'reasoning-delta':
      return update(fold, executionId, event.blockId, (block) =>
        block.type === 'text' || block.type === 'reasoning'
          ? { ...block, text: block.text + event.text }
          : block,
      );
    case 'text-end':
      return update(fold, executionId, event.blockId, (block) =>
        block.type === 'text' ? { ...block, done: true } : block,
      );
    case 'reasoning-end':
      return update(fold, executionId, event.blockId, (block) =>
        block.type === 'reasoning'
          ? {
              ...block,
              done: true,
              ...(event.durationMs === undefined ? {} : { durationMs: event.durationMs }),
            }
          : block,
      );
    case 'tool-call':
      return append(fold, {
        type: 'tool',
        ...key,
        blockId: event.blockId,
        tool: event.tool,
        title: event.title,
        input: event.input,
        done: false,
      });
    case 'tool-output':
      return update(fold, executionId, event.blockId, (block) =>
        block.type === 'tool'
          ? {
              ...block,
              output: event.output,
              isError: event.isError,
              durationMs: event.durationMs,
              done: true,
            }
          : block,
      );
    case 'approval-request': {
      const { type: _type, approvalId, child: _child, ...request } = event;
      return setState(
        append(fold, { type: 'approval', ...key, blockId: approvalId, ...request }),
        executionId,
        'waiting',
      );
    }
    case 'approval-decided':
      return setState(
        update(fold, executionId, event.approvalId, (block) =>
          block.type === 'approval'
            ? { ...block, decision: event.decision, ...(event.by === undefined ? {} : { by: event.by }) }
            : block,
        ),
        executionId,
        'running',
      );
    case 'question':
      return setState(
        append(fold, { type: 'question', ...key, blockId: event.questionId, questions: event.questions }),
        executionId,
        'waiting',
      );
    case 'question-answered':
      return setState(
        update(fold, executionId, event.questionId, (block) =>
          block.type === 'question' ? { ...block, answers: event.answers } : block,
        ),
        executionId,
        'running',
      );
    case 'child-start': {
      if (event.member !== undefined) return startInside(fold, executionId, event, event.member);
      // The run may have begun before its leader says so, and be over when another attempt of the leader does.
      const known = fold.runs.find((run) => run.executionId === event.executionId);
      const { state = 'pending', attempt = 0 } = known ?? {};
      // An attempt that reads on says once more what the one before had said.
      const isTold = fold.blocks.some(
        (block) => block.executionId === executionId && block.blockId === event.executionId,
      );
      if (isTold) return fold;
      return setRun(
        append(fold, {
          type: 'child',
          ...key,
          blockId: event.executionId,
          bot: event.bot,
          instruction: event.instruction,
        }),
        { executionId: event.executionId, parentExecutionId: executionId, state, attempt },
      );
    }
    case 'child-end':
      return endInside(
        update(fold, executionId, event.executionId, (block) =>
          block.type === 'child' ? { ...block, outcome: event.outcome } : block,
        ),
        executionId,
        event,
      );
    case 'files-changed': {
      const { type: _type, ...changes } = event;
      return append(fold, { type: 'files', ...key, blockId: nextId(fold, 'files'), ...changes });
    }
    case 'log':
      return appendLog(fold, executionId, event.stream, event.text);
    case 'phase':
      return append(
        {
          ...fold,
          blocks: fold.blocks.filter(
            (block) => !(block.type === 'phase' && block.executionId === executionId),
          ),
        },
        { type: 'phase', ...key, blockId: nextId(fold, 'phase'), text: event.text },
      );
    case 'warning':
      return append(fold, {
        type: 'warning',
        ...key,
        blockId: nextId(fold, 'warning'),
        code: event.code,
        message: event.message,
      });
    case 'usage': {
      const { type: _type, member, ...usage } = event;
      const sum = { ...fold, usage: fold.usage ? addUsage(fold.usage, usage) : usage };
      const inside =
        member === undefined ? undefined : insidersOf(fold, executionId).findLast(isNamed(member));
      return inside ? addInsideUsage(sum, inside, usage) : addRunUsage(sum, executionId, usage);
    }
    case 'block-reset':
      return reset(fold, executionId, event.blockId);
    case 'session':
      return fold;
    case 'finish':
      return finish(fold, executionId, event);
    default:
      return ignored(event, fold);
  }
}

/**
 * The fold that a message carries, to go on from: a message that was folded up to some event takes the events after it.
 * Without the states of single runs, all planned runs get the state of the message.
 */
export function foldOfMessage(message: Message): MessageFold {
  if (message.runs) {
    return { blocks: message.blocks, runs: message.runs, ...(message.usage ? { usage: message.usage } : {}) };
  }
  const state = message.status;
  const children = message.blocks.filter((block) => block.type === 'child');
  const childIds = new Set(children.map((block) => block.blockId));
  return {
    blocks: message.blocks,
    runs: [
      ...message.executionIds
        .filter((executionId) => !childIds.has(executionId))
        .map((executionId) => ({
          executionId,
          state,
          attempt: 1,
          ...(message.error ? { error: message.error } : {}),
        })),
      ...children.map((block) => ({
        executionId: block.blockId,
        parentExecutionId: block.executionId,
        state: block.outcome ?? ('running' as const),
        attempt: 1,
      })),
    ],
    ...(message.usage ? { usage: message.usage } : {}),
  };
}

/**
 * What was said: the text blocks of the planned runs, without the runs that those started. Of a Team it is what the
 * newest stage says, or the run that writes the answer; what members say to each other stands in their blocks.
 */
export function textOf(fold: Pick<MessageFold, 'blocks' | 'runs'>): string {
  const speaker = speakerOf(fold);
  if (speaker) return textOfRun(fold, speaker.executionId);
  const silent = new Set(
    fold.runs
      .filter((run) => run.parentExecutionId !== undefined || run.step !== undefined)
      .map((run) => run.executionId),
  );
  return joinText(fold.blocks.filter((block) => !silent.has(block.executionId)));
}

/** What one run said. */
export function textOfRun(fold: Pick<MessageFold, 'blocks'>, executionId: string): string {
  return joinText(fold.blocks.filter((block) => block.executionId === executionId));
}

/** The run of a Team whose words are the answer: the newest that may speak to the person and has said something. */
export function speakerOf(fold: Pick<MessageFold, 'blocks' | 'runs'>): RunFold | undefined {
  return fold.runs.findLast(
    ({ step, executionId }) =>
      (step?.kind === 'stage' || step?.kind === 'answer') && textOfRun(fold, executionId) !== '',
  );
}

function joinText(blocks: readonly Block[]): string {
  return blocks
    .flatMap((block) => (block.type === 'text' && block.text !== '' ? [block.text] : []))
    .join('\n\n');
}

/** State of the answer by the states of its runs, see `decisiveStates`. */
export function statusOf(fold: Pick<MessageFold, 'runs'>): MessageStatus {
  const states = decisiveStates(fold.runs);
  if (states.length === 0) return 'pending';
  if (states.includes('waiting')) return 'waiting';
  if (states.some((state) => state === 'running' || state === 'cancelling')) return 'running';
  if (states.includes('pending')) return states.every((state) => state === 'pending') ? 'pending' : 'running';
  if (states.includes('failed')) return 'failed';
  if (states.includes('cancelled')) return 'cancelled';
  return states.every((state) => state === 'skipped') ? 'skipped' : 'completed';
}

/** Is nothing more to come for a message of this state? */
export function isFinalMessage(status: MessageStatus): boolean {
  return status === 'completed' || status === 'failed' || status === 'cancelled' || status === 'skipped';
}

/** Puts a fold into the message that it belongs to. */
export function applyFold(message: Message, fold: MessageFold): Message {
  const { error: _error, runs: _runs, ...rest } = message;
  const status = statusOf(fold);
  const error = errorOf(fold);
  const isTeam = fold.runs.some((run) => run.step !== undefined);
  return {
    ...rest,
    text: textOf(fold),
    ...signatureOf(fold),
    blocks: [...fold.blocks],
    status,
    ...(isFinalMessage(status) && !isTeam ? {} : { runs: [...fold.runs] }),
    ...(error ? { error } : {}),
    ...(fold.usage ? { usage: fold.usage } : {}),
  };
}

/** Of a Team an answer is signed by who wrote what the person reads; nothing of a solo answer. */
export function signatureOf(
  fold: Pick<MessageFold, 'blocks' | 'runs'>,
): Partial<Pick<Message, 'sender' | 'shellType' | 'model'>> {
  const { bot, shellType, model } = speakerOf(fold) ?? {};
  return {
    ...(bot ? { sender: { bot } } : {}),
    ...(shellType ? { shellType } : {}),
    ...(model === undefined ? {} : { model }),
  };
}

/** Why the answer failed. What went wrong for one member of a Team is in its run while the others go on. */
export function errorOf(fold: Pick<MessageFold, 'runs'>): RunFold['error'] {
  const failed = fold.runs.filter((run) => run.error !== undefined);
  if (fold.runs.every((run) => run.step === undefined)) return failed[0]?.error;
  if (statusOf(fold) !== 'failed') return undefined;
  const planned = failed.filter((run) => run.parentExecutionId === undefined);
  return (planned.find((run) => run.step?.last) ?? planned[0])?.error;
}

function memberOf(
  { bot, shellType, model }: Extract<ExecutionEvent, { type: 'run-start' }>,
  step: RunStep,
): Partial<RunFold> {
  return { step, bot, shellType, ...(model === undefined ? {} : { model }) };
}

// Who used what is of interest where several answer together.
function addRunUsage(fold: MessageFold, executionId: string, usage: Usage): MessageFold {
  const index = fold.runs.findIndex((run) => run.executionId === executionId);
  const run = fold.runs[index];
  if (run?.step === undefined) return fold;
  const sum = run.usage ? addUsage(run.usage, usage) : usage;
  return { ...fold, runs: fold.runs.with(index, { ...run, usage: sum }) };
}

function append(fold: MessageFold, block: Block): MessageFold {
  return { ...fold, blocks: [...fold.blocks, block] };
}

// Deltas hit the newest blocks, so the search goes from the end.
function update(
  fold: MessageFold,
  executionId: string,
  blockId: string,
  change: (block: Block) => Block,
): MessageFold {
  const index = fold.blocks.findLastIndex((block) => isOf(fold, block, { executionId, blockId }));
  const block = fold.blocks[index];
  if (!block) return fold;
  return { ...fold, blocks: fold.blocks.with(index, change(block)) };
}

function isOf(
  fold: MessageFold,
  block: Block,
  { executionId, blockId }: { executionId: string; blockId: string },
): boolean {
  return (
    block.blockId === blockId &&
    (block.executionId === executionId || isInside(fold, block.executionId, executionId))
  );
}

// A member that is taken back takes with it what it did.
function reset(fold: MessageFold, executionId: string, blockId: string): MessageFold {
  const left = isInside(fold, blockId, executionId) ? withoutInside(fold, blockId) : fold;
  return { ...left, blocks: left.blocks.filter((block) => !isOf(fold, block, { executionId, blockId })) };
}

function appendLog(
  fold: MessageFold,
  executionId: string,
  stream: 'stdout' | 'stderr' | 'system',
  text: string,
): MessageFold {
  const last = fold.blocks.at(-1);
  if (last?.type === 'log' && last.executionId === executionId && last.stream === stream) {
    return { ...fold, blocks: fold.blocks.with(-1, { ...last, text: last.text + text }) };
  }
  return append(fold, { type: 'log', executionId, blockId: nextId(fold, 'log'), stream, text });
}

// Blocks without an id of their own are numbered; the number only has to be unique in the message.
function nextId(fold: MessageFold, prefix: string): string {
  const used = fold.blocks
    .filter((block) => block.type === prefix)
    .map((block) => Number(block.blockId.slice(prefix.length + 1)));
  return `${prefix}-${Math.max(0, ...used) + 1}`;
}

function setRun(fold: MessageFold, run: RunFold): MessageFold {
  const index = fold.runs.findIndex((other) => other.executionId === run.executionId);
  const known = fold.runs[index];
  if (!known) return { ...fold, runs: [...fold.runs, run] };
  return { ...fold, runs: fold.runs.with(index, { ...known, ...run }) };
}

function setState(fold: MessageFold, executionId: string, state: ExecutionState): MessageFold {
  const index = fold.runs.findIndex((run) => run.executionId === executionId);
  const run = fold.runs[index];
  if (!run || isFinal(run.state)) return fold;
  return { ...fold, runs: fold.runs.with(index, { ...run, state }) };
}

// A finished run has no open blocks: what was being written is what there is, a tool call that never returned failed.
function finish(
  fold: MessageFold,
  executionId: string,
  event: Extract<ExecutionEvent, { type: 'finish' }>,
): MessageFold {
  const known = fold.runs.find((run) => run.executionId === executionId);
  const ended = insidersOf(fold, executionId)
    .filter(({ state }) => !isFinal(state))
    .reduce((rest, run) => endOne(rest, executionId, run.executionId, event.outcome), fold);
  const base = known ? ended : setRun(ended, { executionId, state: 'running', attempt: 0 });
  const runs = base.runs.map((run) =>
    run.executionId === executionId
      ? { ...run, state: event.outcome, ...(event.error ? { error: event.error } : {}) }
      : run,
  );
  const insiders = new Set(insidersOf(base, executionId).map((run) => run.executionId));
  const blocks = base.blocks
    .filter((block) => !(block.executionId === executionId && block.type === 'phase'))
    .map((block) => {
      const isOurs = block.executionId === executionId || insiders.has(block.executionId);
      if (!isOurs || !('done' in block) || block.done) return block;
      return block.type === 'tool' ? { ...block, done: true, isError: true } : { ...block, done: true };
    });
  return { ...base, runs, blocks };
}

// Nobody said how it ended: it did not get further than its run.
function endOne(fold: MessageFold, executionId: string, child: string, outcome: Outcome): MessageFold {
  const end = {
    type: 'child-end',
    executionId: child,
    outcome: outcome === 'completed' ? 'cancelled' : outcome,
  } as const;
  return reduceEvents(fold, executionId, end);
}

// The type says that every event is handled; a newer server may send one that this client does not know yet.
function ignored(_event: never, fold: MessageFold): MessageFold {
  return fold;
}
