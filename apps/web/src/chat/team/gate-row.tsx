import type { Block } from '@wegent/api';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { decisionElementId } from '../../approvals/approval-block.ts';
import { HandIcon } from '../../approvals/hand-icon.tsx';
import { useDecide } from '../../approvals/use-decisions.ts';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import type { TurnRun } from './turn-runs.ts';

type GateBlock = Extract<Block, { type: 'approval' }>;

/** Between two stages: a person says whether the next one begins. */
export function GateRow({ entry, blocks }: { entry: TurnRun; blocks: readonly Block[] }) {
  const block = blocks.find(
    (one): one is GateBlock => one.type === 'approval' && one.executionId === entry.run?.executionId,
  );
  const to = entry.role.kind === 'gate' ? visibleName(entry.role.to) : '';
  if (!block) return null;
  if (block.decision === undefined && entry.state === 'waiting')
    return <OpenGate block={block} from={visibleName(entry.member)} to={to} />;
  return <DecidedGate block={block} to={to} />;
}

function OpenGate({ block, from, to }: { block: GateBlock; from: string; to: string }) {
  const { t } = useTranslation('team');
  const decide = useDecide(block);
  // Decided, but the run has not said so yet: nobody should decide again meanwhile.
  const pending = decide.isPending || decide.isSuccess;
  return (
    <section
      id={decisionElementId(block.blockId)}
      tabIndex={-1}
      aria-label={t('gate.title', { to })}
      data-testid="gate"
      className="my-1 flex flex-wrap items-center gap-x-3 gap-y-2 rounded-xl border border-warning/50 bg-raised px-3 py-2.5"
    >
      <HandIcon />
      <div className="min-w-0 flex-1 basis-52">
        <p className="font-medium [overflow-wrap:anywhere]">{t('gate.title', { to })}</p>
        <p className="text-[13px] leading-5 text-muted [overflow-wrap:anywhere]">
          {t('gate.body', { from, to })}
        </p>
      </div>
      <div className="flex gap-2">
        <Button
          type="primary"
          data-testid="gate-go"
          loading={pending && decide.variables?.decision === 'allow'}
          disabled={pending}
          onClick={() => decide.mutate({ decision: 'allow' })}
        >
          {t('gate.go')}
        </Button>
        <Button
          data-testid="reject"
          loading={pending && decide.variables?.decision === 'deny'}
          disabled={pending}
          onClick={() => decide.mutate({ decision: 'deny' })}
        >
          {t('gate.end')}
        </Button>
      </div>
      {decide.error && <ErrorNotice error={decide.error} className="w-full" />}
    </section>
  );
}

function DecidedGate({ block, to }: { block: GateBlock; to: string }) {
  const { t } = useTranslation('team');
  const { decision, by } = block;
  const text =
    decision === 'allow'
      ? by === undefined
        ? t('gate.went', { to })
        : t('gate.wentBy', { to, by: visibleName(by) })
      : decision === undefined
        ? t('gate.open', { to })
        : t('gate.ended', { to });
  return (
    <p className="py-0.5 pl-8 text-[13px] leading-5 text-faint" data-testid="gate-decided">
      {text}
    </p>
  );
}
