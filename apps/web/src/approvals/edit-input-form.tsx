import type { ApprovalDecision } from '@wegent/api';
import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { editedInput, editorOf } from './edited-input.ts';

/** Another input in place of the asked one: the command or the plan as text, anything else as JSON. */
export function EditInputForm({
  input,
  pending,
  onCancel,
  onDone,
}: {
  input: unknown;
  pending: boolean;
  onCancel: () => void;
  onDone: (decision: ApprovalDecision) => void;
}) {
  const { t } = useTranslation('approvals');
  const { t: common } = useTranslation();
  const [editor] = useState(() => editorOf(input));
  const [text, setText] = useState(editor.text);
  const edited = editedInput(input, editor, text);
  return (
    <div className="flex flex-col gap-2">
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 16 }}
        spellCheck={false}
        status={edited.ok ? '' : 'error'}
        className="font-mono text-[13px]!"
        aria-label={t('editLabel')}
        data-testid="edit-input"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => event.key === 'Escape' && !event.nativeEvent.isComposing && onCancel()}
      />
      {!edited.ok && (
        <p role="alert" className="text-[13px] text-error">
          {t('badJson')}
        </p>
      )}
      <div className="flex flex-wrap gap-2">
        <Button
          type="primary"
          loading={pending}
          disabled={!edited.ok}
          data-testid="edit-confirm"
          onClick={() => edited.ok && onDone({ decision: 'allow', updatedInput: edited.input })}
        >
          {t('editConfirm')}
        </Button>
        <Button onClick={onCancel}>{common('actions.cancel')}</Button>
      </div>
    </div>
  );
}
