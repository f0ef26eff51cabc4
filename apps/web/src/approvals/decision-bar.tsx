import type { TaskMessage } from '@wegent/client';
import { Button } from 'antd';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useConversation } from '../chat/conversation-context.tsx';
import { useToolTitle } from '../tools/use-tool-title.ts';
import { decisionElementId } from './approval-block.ts';
import { HandIcon } from './hand-icon.tsx';
import { type PendingBlock, pendingBlocks } from './pending-blocks.ts';
import { useDecisionKeys } from './use-decision-keys.ts';
import { useDecide } from './use-decisions.ts';
import { useInSight } from './use-in-sight.ts';

/** What waits for the person, above the box to write in; it gives way to the card itself where that is in sight. */
export function DecisionBar({ messages }: { messages: readonly TaskMessage[] }) {
  const waiting = useMemo(() => pendingBlocks(messages), [messages]);
  const [first] = waiting;
  if (!first) return null;
  return <Bar key={first.blockId} block={first} count={waiting.length} />;
}

function Bar({ block, count }: { block: PendingBlock; count: number }) {
  const { t } = useTranslation('approvals');
  const { t: team } = useTranslation('team');
  const { attempt } = useConversation();
  const decide = useDecide(block);
  const toolTitle = useToolTitle();
  const inSight = useInSight(decisionElementId(block.blockId));
  const show = () => {
    const card = document.getElementById(decisionElementId(block.blockId));
    card?.scrollIntoView({ block: 'center' });
    card?.focus({ preventScroll: true });
  };
  const allow = () => attempt(() => decide.mutateAsync({ decision: 'allow' }));
  useDecisionKeys({
    allow: () => (block.type === 'approval' ? allow() : show()),
    reject: () => {
      show();
      document
        .querySelector<HTMLElement>(`#${CSS.escape(decisionElementId(block.blockId))} [data-testid=reject]`)
        ?.click();
    },
  });
  if (inSight) return null;
  const title =
    block.type === 'approval' ? toolTitle(block.tool, block.title) : (block.questions[0]?.text ?? '');
  return (
    <section
      aria-label={t('title')}
      data-testid="decision-bar"
      className="mb-2 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl border border-warning/50 bg-raised py-2 pr-2 pl-3"
    >
      <HandIcon />
      <p className="min-w-0 flex-1 basis-40 truncate text-[14px]" title={title}>
        {title}
        {count > 1 && <span className="text-faint"> · {t('more', { count: count - 1 })}</span>}
      </p>
      <div className="flex gap-2">
        {block.type === 'approval' && block.tool !== 'ExitPlanMode' && (
          <Button
            size="small"
            type="primary"
            loading={decide.isPending}
            title={t('keys.allow')}
            onClick={allow}
          >
            {block.tool === 'next-stage' ? team('gate.go') : t('once')}
          </Button>
        )}
        <Button size="small" onClick={show}>
          {t('show')}
        </Button>
      </div>
    </section>
  );
}
