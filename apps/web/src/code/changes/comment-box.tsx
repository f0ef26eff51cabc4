import { Button, Input } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

/** A comment being written. Ctrl or Cmd with Enter keeps it, Esc does not. */
export function CommentBox({
  initial = '',
  onSave,
  onCancel,
}: {
  initial?: string;
  onSave: (text: string) => void;
  onCancel: () => void;
}) {
  const { t } = useTranslation('code');
  const { t: common } = useTranslation();
  const [text, setText] = useState(initial);
  const possible = text.trim() !== '';
  return (
    <div className="border-y border-line bg-raised p-3 font-sans">
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 10 }}
        maxLength={20_000}
        aria-label={t('review.write')}
        placeholder={t('review.write')}
        data-testid="comment-box"
        value={text}
        onChange={({ target }) => setText(target.value)}
        onKeyDown={(event) => {
          // The arrow keys are those of the text here.
          event.stopPropagation();
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Escape') onCancel();
          else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && possible) onSave(text.trim());
          else return;
          event.preventDefault();
        }}
      />
      <div className="mt-2 flex items-center justify-end gap-2">
        <span className="flex-1 text-xs text-faint">{t('review.hint')}</span>
        <Button size="small" onClick={onCancel}>
          {common('actions.cancel')}
        </Button>
        <Button
          size="small"
          type="primary"
          disabled={!possible}
          data-testid="comment-save"
          onClick={() => onSave(text.trim())}
        >
          {t('review.add')}
        </Button>
      </div>
    </div>
  );
}
