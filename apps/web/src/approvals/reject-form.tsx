import type { ApprovalDecision } from '@wegent/api';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** Why not: the agent is told and can do better. */
export function RejectForm({
  plan,
  pending,
  onCancel,
  onDone,
}: {
  plan: boolean;
  pending: boolean;
  onCancel: () => void;
  onDone: (decision: ApprovalDecision) => void;
}) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const [reason, setReason] = useState('');
  const label = t(plan ? 'plan.reason' : 'reason');
  const submit = () => {
    const text = reason.trim();
    onDone({ decision: 'deny', ...(text === '' ? {} : { reason: text }) });
  };
  return (
    <div className="flex flex-col gap-2">
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 8 }}
        maxLength={10_000}
        aria-label={label}
        placeholder={label}
        data-testid="reject-reason"
        value={reason}
        onChange={({ target }) => setReason(target.value)}
        onKeyDown={(event) => {
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') onCancel();
          else if (event.key === 'Enter' && !event.shiftKey) submit();
          else return;
          event.preventDefault();
        }}
      />
      <div className="flex flex-wrap gap-2">
        <Button type="primary" danger loading={pending} data-testid="reject-confirm" onClick={submit}>
          {t(plan ? 'plan.reject' : 'reject')}
        </Button>
        <Button onClick={onCancel}>{common('actions.cancel')}</Button>
      </div>
    </div>
  );
}
