import type { ApprovalDecision } from '@wegent/api';
import { Button, Input } from 'antd';
import { useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { patternField, rememberedRule } from './pattern.ts';

interface DecisionFormProps {
  pending: boolean;
  onCancel: () => void;
  onDone: (decision: ApprovalDecision) => void;
}

/** “Always” with the pattern that says for which calls. */
export function AlwaysForm({
  tool,
  input,
  pending,
  onCancel,
  onDone,
}: DecisionFormProps & { tool: string; input: unknown }) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const id = useId();
  const field = patternField(input);
  const [pattern, setPattern] = useState(field?.value ?? '');
  const rule = rememberedRule(tool, field, pattern);
  const submit = () => onDone({ decision: 'allow', remember: rule });
  return (
    <form
      className="flex flex-col gap-2"
      onSubmit={(event) => {
        event.preventDefault();
        submit();
      }}
    >
      {field ? (
        <>
          <label htmlFor={id} className="text-[14px] font-medium">
            {t(`pattern.${field.name}`)}
          </label>
          <Input.TextArea
            id={id}
            autoFocus
            autoSize={{ minRows: 1, maxRows: 6 }}
            spellCheck={false}
            className="font-mono text-[13px]!"
            data-testid="pattern"
            value={pattern}
            onChange={({ target }) => setPattern(target.value)}
            onKeyDown={(event) => {
              if (event.nativeEvent.isComposing) return;
              if (event.key === 'Escape') onCancel();
              else if (event.key === 'Enter' && !event.shiftKey) submit();
              else return;
              event.preventDefault();
            }}
          />
          <p className="text-[13px] leading-5 text-muted">
            {rule.match === undefined ? t('pattern.all', { tool }) : t('pattern.hint')}
          </p>
        </>
      ) : (
        <p className="text-[14px] text-muted">{t('pattern.all', { tool })}</p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button type="primary" htmlType="submit" loading={pending} data-testid="always-confirm">
          {t('alwaysConfirm')}
        </Button>
        <Button onClick={onCancel}>{common('actions.cancel')}</Button>
      </div>
    </form>
  );
}
