import { useTranslation } from 'react-i18next';
import { useToolTitle } from '../tools/use-tool-title.ts';
import { ApprovalActions } from './approval-actions.tsx';
import { type ApprovalBlock, decisionElementId } from './approval-block.ts';
import { ApprovalSubject } from './approval-subject.tsx';
import { HandIcon } from './hand-icon.tsx';
import { useReasonText } from './use-reason-text.ts';

/** The agent asks before it acts; afterwards, what was decided and by whom. */
export function ApprovalCard({ block, open }: { block: ApprovalBlock; open: boolean }) {
  const { t } = useTranslation('approvals');
  const title = useToolTitle()(block.tool, block.title);
  const reasonText = useReasonText();
  if (block.decision !== undefined || !open) return <Decided block={block} title={title} />;
  const plan = block.tool === 'ExitPlanMode';
  return (
    <section
      id={decisionElementId(block.blockId)}
      tabIndex={-1}
      aria-label={t('title')}
      data-testid="approval"
      className="my-1 flex flex-col gap-3 rounded-xl border border-warning/50 bg-raised p-4"
    >
      <header className="flex items-start gap-2.5">
        <HandIcon />
        <div className="min-w-0">
          <p className="font-medium [overflow-wrap:anywhere]">{plan ? t('plan.title') : title}</p>
          {block.reason !== '' && (
            <p className="text-[13px] leading-5 text-muted">{reasonText(block.reason)}</p>
          )}
        </div>
      </header>
      <ApprovalSubject tool={block.tool} input={block.input} />
      <ApprovalActions block={block} />
    </section>
  );
}

function Decided({ block, title }: { block: ApprovalBlock; title: string }) {
  const { t } = useTranslation('approvals');
  const { decision = 'expired', by } = block;
  return (
    <p className="text-[14px] text-muted" data-testid="approval-decided">
      <span className={decision === 'deny' ? 'text-error' : decision === 'allow' ? 'text-success' : ''}>
        {t(`decided.${decision}`)}
      </span>{' '}
      <span className="[overflow-wrap:anywhere]">{title}</span>
      {by && <span className="text-faint"> · {t('by', { name: by })}</span>}
    </p>
  );
}
