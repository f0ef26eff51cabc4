import { isFinal, type Outcome, type RunError } from './execution.ts';
import type { ExecutionEvent } from './execution-events.ts';
import type { Block, RunFold } from './message.ts';
import type { MessageFold } from './reduce-events.ts';
import { addUsage, type Usage } from './usage.ts';

type ChildBlock = Extract<Block, { type: 'child' }>;

/** The run of a member that works inside another run, as its block tells it; undefined of every other block. Pure. */
export function insideRunOf(block: Block): RunFold | undefined {
  if (block.type !== 'child' || block.member === undefined) return undefined;
  const { blockId, executionId, bot, member, model, usage, error, outcome = 'running' } = block;
  return {
    executionId: blockId,
    parentExecutionId: executionId,
    inside: true,
    state: outcome,
    attempt: 1,
    step: { key: `inside-${blockId}`, kind: 'delegate', member, last: false },
    bot,
    shellType: 'Agno',
    ...(model === undefined ? {} : { model }),
    ...(usage ? { usage } : {}),
    ...(error ? { error } : {}),
  };
}

/** Members that work, or have worked, inside the run. */
export function insidersOf({ runs }: Pick<MessageFold, 'runs'>, executionId: string): RunFold[] {
  return runs.filter((run) => run.inside && run.parentExecutionId === executionId);
}

/** Is it one of them? What a run says of members of other runs counts for nothing. */
export function isInside(
  { runs }: Pick<MessageFold, 'runs'>,
  child: string | undefined,
  executionId: string,
): child is string {
  if (child === undefined || child === executionId) return false;
  return runs.some((run) => run.inside && run.executionId === child && run.parentExecutionId === executionId);
}

/** Is the run that of the member? */
export function isNamed(member: string): (run: RunFold) => boolean {
  return ({ step }) => step?.member === member;
}

/** A member begins. Nothing happens where the id is taken. */
export function startInside(
  fold: MessageFold,
  executionId: string,
  { executionId: child, bot, instruction, model }: Extract<ExecutionEvent, { type: 'child-start' }>,
  member: string,
): MessageFold {
  const isTaken =
    child === executionId || fold.runs.some((run) => run.executionId === child) || hasBlock(fold, child);
  const block: ChildBlock = {
    type: 'child',
    executionId,
    blockId: child,
    bot,
    instruction,
    member,
    ...(model === undefined ? {} : { model }),
  };
  const run = insideRunOf(block);
  if (isTaken || !run) return fold;
  return { ...fold, blocks: [...fold.blocks, block], runs: [...fold.runs, run] };
}

/** A member ends; what ended once stays as it is. */
export function endInside(
  fold: MessageFold,
  executionId: string,
  {
    executionId: child,
    outcome,
    error,
  }: { executionId: string; outcome: Outcome; error?: RunError | undefined },
): MessageFold {
  if (!isInside(fold, child, executionId)) return fold;
  const known = fold.runs.find((run) => run.executionId === child);
  if (!known || isFinal(known.state)) return fold;
  const end = error === undefined ? {} : { error };
  return change(fold, child, {
    run: (run) => ({ ...run, state: outcome, ...end }),
    block: (block) => ({ ...block, ...end }),
  });
}

/** Adds what a member used. */
export function addInsideUsage(fold: MessageFold, { executionId }: RunFold, usage: Usage): MessageFold {
  const add = <Holder extends { usage?: Usage | undefined }>(holder: Holder) => ({
    ...holder,
    usage: holder.usage ? addUsage(holder.usage, usage) : usage,
  });
  return change(fold, executionId, { run: add, block: add });
}

/** The fold without a member and what it did. */
export function withoutInside(fold: MessageFold, child: string): MessageFold {
  return {
    ...fold,
    blocks: fold.blocks.filter((block) => block.executionId !== child),
    runs: fold.runs.filter((run) => run.executionId !== child),
  };
}

function change(
  fold: MessageFold,
  child: string,
  { run, block }: { run: (run: RunFold) => RunFold; block: (block: ChildBlock) => ChildBlock },
): MessageFold {
  return {
    ...fold,
    runs: fold.runs.map((each) => (each.executionId === child ? run(each) : each)),
    blocks: fold.blocks.map((each) => (each.type === 'child' && each.blockId === child ? block(each) : each)),
  };
}

function hasBlock({ blocks }: MessageFold, blockId: string): boolean {
  return blocks.some((block) => block.type === 'child' && block.blockId === blockId);
}
