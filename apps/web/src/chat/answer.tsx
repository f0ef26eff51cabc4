import type { Block } from '@wegent/api';
import { memo, useMemo } from 'react';
import { ApprovalCard } from '../approvals/approval-card.tsx';
import { QuestionCard } from '../approvals/question-card.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { groupTools } from '../tools/group-tools.ts';
import type { ToolBlock } from '../tools/tool-block.ts';
import { ToolStep } from '../tools/tool-step.tsx';
import { arrange, childRuns, type ShownBlock, timeOf } from './arrange.ts';
import { ChildThread } from './child-thread.tsx';
import { useConversation } from './conversation-context.tsx';
import { LogStep } from './log-step.tsx';
import { ReasoningStep } from './reasoning-step.tsx';
import { WarningNotice } from './warning-notice.tsx';
import { WorkedFold } from './worked-fold.tsx';

/** The blocks of an answer, or of one run inside it: steps folded away once the text has begun. */
export const Answer = memo(function Answer({
  blocks,
  executionId,
  running,
}: {
  blocks: readonly Block[];
  /** Only the blocks of this run; without it those of all runs that no other run started. */
  executionId?: string;
  running: boolean;
}) {
  const hideLogs = useConversation().extras?.hideLogs ?? false;
  const { folded, steps, open, helpers } = useMemo(() => {
    const children = childRuns(blocks);
    const told = hideLogs ? blocks.filter(({ type }) => type !== 'log') : blocks;
    return {
      ...arrange(told, (run) => (executionId === undefined ? !children.has(run) : run === executionId)),
      helpers: groupTools(blocks).children,
    };
  }, [blocks, executionId, hideLogs]);
  const draw = (block: ShownBlock) => (
    <AnswerBlock
      key={`${block.executionId}/${block.blockId}`}
      block={block}
      siblings={blocks}
      inner={helpers.get(block.blockId) ?? NONE}
      running={running}
    />
  );
  return (
    <div className="flex flex-col gap-1.5">
      {steps > 0 && (
        <WorkedFold steps={steps} time={timeOf(folded)}>
          {folded.map(draw)}
        </WorkedFold>
      )}
      {open.map(draw)}
    </div>
  );
});

const NONE: readonly ToolBlock[] = [];

interface AnswerBlockProps {
  block: ShownBlock;
  /** All blocks of the answer: a child run finds its own among them. */
  siblings: readonly Block[];
  /** What a helper did that this block started. */
  inner: readonly ToolBlock[];
  running: boolean;
}

/** One block of an answer. */
const AnswerBlock = memo(
  function AnswerBlock({ block, siblings, inner, running }: AnswerBlockProps) {
    switch (block.type) {
      case 'text':
        return <Markdown text={block.text} growing={running && !block.done} />;
      case 'reasoning':
        return <ReasoningStep block={block} />;
      case 'tool':
        return <ToolStep block={block} inner={inner} />;
      case 'approval':
        return <ApprovalCard block={block} open={running} />;
      case 'question':
        return <QuestionCard block={block} open={running} />;
      case 'child':
        return (
          <ChildThread block={block}>
            <Answer blocks={siblings} executionId={block.blockId} running={block.outcome === undefined} />
          </ChildThread>
        );
      case 'log':
        return <LogStep block={block} />;
      case 'warning':
        return <WarningNotice block={block} />;
      default:
        // A kind of a newer server: better nothing than something wrong.
        return null;
    }
  },
  // The other blocks change with every word that is written; only a child run has to know them.
  (before, after) =>
    before.block === after.block &&
    before.running === after.running &&
    before.inner.length === after.inner.length &&
    before.inner.every((call, index) => call === after.inner[index]) &&
    (after.block.type !== 'child' || before.siblings === after.siblings),
);
