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
  // Decided, but the run has not said so yet: nobody should decide again meanwhile.
  const pending = decide.isPending || decide.isSuccess;
  const shared = { pending, onCancel: () => setForm(undefined), onDone: decide.mutate };
  return (
    <>
      {decide.error && <ErrorNotice error={decide.error} />}
      {form === 'always' && <AlwaysForm tool={tool} input={input} {...shared} />}
      {form === 'edit' && <EditInputForm input={input} {...shared} />}
      {form === 'reject' && <RejectForm plan={plan} {...shared} />}
      <div className="flex flex-wrap gap-2" hidden={form !== undefined}>
        <Button
          type="primary"
          data-testid="approve-once"
          loading={pending}
          title={t('keys.allow')}
          onClick={() => decide.mutate({ decision: 'allow' })}
        >
          {t(plan ? 'plan.approve' : 'once')}
        </Button>
        {!plan && (
          <Button data-testid="approve-always" disabled={pending} onClick={() => setForm('always')}>
            {t('always')}
          </Button>
        )}
        <Button data-testid="approve-edited" disabled={pending} onClick={() => setForm('edit')}>
          {t(plan ? 'plan.edit' : 'edit')}
        </Button>
        <Button
          danger
          disabled={pending}
          data-testid="reject"
          title={t('keys.reject')}
          onClick={() => setForm('reject')}
        >
          {t(plan ? 'plan.reject' : 'reject')}
        </Button>
      </div>
    </>
  );
}
