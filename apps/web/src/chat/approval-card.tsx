import type { Block } from '@wegent/api';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { useConversation } from './conversation-context.tsx';
import { DataFigure } from './data-figure.tsx';

/** The agent asks before it acts; afterwards, what was decided. */
export function ApprovalCard({
  block,
  open,
}: {
  block: Extract<Block, { type: 'approval' }>;
  open: boolean;
}) {
  const { t } = useTranslation('chat');
  const { approvals } = useApi();
  const { attempt } = useConversation();
  const { decision, by, title, reason, input, blockId } = block;
  if (decision !== undefined || !open) {
    return (
      <p className="text-[14px] text-muted">
        {title}: {t(`approval.${decision ?? 'expired'}`)} {by && <span className="text-faint">({by})</span>}
      </p>
    );
  }
  const decide = (answer: 'allow' | 'deny') => attempt(() => approvals.decide(blockId, { decision: answer }));
  return (
    <section
      aria-label={t('approval.title')}
      data-testid="approval"
      className="flex flex-col gap-3 rounded-xl border border-warning/50 bg-raised p-4"
    >
      <p className="font-medium">{title}</p>
      {reason && <p className="text-muted">{reason}</p>}
      <DataFigure label={block.tool} value={input} />
      <div className="flex gap-2">
        <Button type="primary" onClick={() => decide('allow')}>
          {t('approval.once')}
        </Button>
        <Button danger onClick={() => decide('deny')}>
          {t('approval.reject')}
        </Button>
      </div>
    </section>
  );
}
