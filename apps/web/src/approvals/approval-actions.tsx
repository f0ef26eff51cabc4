import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { AlwaysForm } from './always-form.tsx';
import type { ApprovalBlock } from './approval-block.ts';
import { EditInputForm } from './edit-input-form.tsx';
import { RejectForm } from './reject-form.tsx';
import { useDecide } from './use-decisions.ts';

type Form = 'always' | 'edit' | 'reject';

/** The ways to decide: once, always, changed, or not at all. */
export function ApprovalActions({ block }: { block: ApprovalBlock }) {
  const { t } = useTranslation('approvals');
  const decide = useDecide(block);
  const [form, setForm] = useState<Form>();
  const { tool, input } = block;
  const plan = tool === 'ExitPlanMode';
  const close = () => setForm(undefined);
  if (form === 'always')
    return (
      <AlwaysForm
        tool={tool}
        input={input}
        pending={decide.isPending}
        onCancel={close}
        onDone={decide.mutate}
      />
    );
  if (form === 'edit')
    return <EditInputForm input={input} pending={decide.isPending} onCancel={close} onDone={decide.mutate} />;
  if (form === 'reject')
    return <RejectForm plan={plan} pending={decide.isPending} onCancel={close} onDone={decide.mutate} />;
  return (
    <>
      {decide.error && <ErrorNotice error={decide.error} />}
      <div className="flex flex-wrap gap-2">
        <Button
          type="primary"
          data-testid="approve-once"
          loading={decide.isPending}
          title={t('keys.allow')}
          onClick={() => decide.mutate({ decision: 'allow' })}
        >
          {t(plan ? 'plan.approve' : 'once')}
        </Button>
        {!plan && (
          <Button data-testid="approve-always" onClick={() => setForm('always')}>
            {t('always')}
          </Button>
        )}
        <Button data-testid="approve-edited" onClick={() => setForm('edit')}>
          {t(plan ? 'plan.edit' : 'edit')}
        </Button>
        <Button danger data-testid="reject" title={t('keys.reject')} onClick={() => setForm('reject')}>
          {t(plan ? 'plan.reject' : 'reject')}
        </Button>
      </div>
    </>
  );
}
