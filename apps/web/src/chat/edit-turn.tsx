import type { TaskMessage } from '@wegent/client';
import { Button, Input } from 'antd';
import { type KeyboardEvent, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConversation } from './conversation-context.tsx';
import { SentAttachments } from './sent-attachments.tsx';

/** A message being rewritten. Sending it makes another version; the old one stays reachable. */
export function EditTurn({ message, onDone }: { message: TaskMessage; onDone: () => void }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const { session, busy } = useConversation();
  const [text, setText] = useState(message.text);
  const { attachments } = message;
  const possible = !busy && (text.trim() !== '' || attachments.length > 0);

  const send = () => {
    if (!possible) return;
    onDone();
    // A refusal is shown beside the new version.
    const { inputs } = message;
    void session.edit(message.id, {
      message: text,
      attachments,
      ...(inputs ? { options: { inputs } } : {}),
    });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    if (event.key === 'Escape') onDone();
    else if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) send();
    else return;
    event.preventDefault();
  };
  return (
    <section aria-label={t('editing')} className="mb-4 flex flex-col gap-2 rounded-2xl bg-accent-soft p-3">
      {attachments.length > 0 && <SentAttachments files={attachments} />}
      <Input.TextArea
        autoFocus
        autoSize={{ minRows: 2, maxRows: 14 }}
        value={text}
        aria-label={t('editing')}
        onFocus={({ target }) => target.setSelectionRange(target.value.length, target.value.length)}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={onKeyDown}
        data-testid="edit-box"
      />
      <div className="flex flex-wrap items-center justify-end gap-2">
        <span className="flex-1 px-2 text-[13px] text-faint">{t('editHint')}</span>
        <Button onClick={onDone}>{common('actions.cancel')}</Button>
        <Button type="primary" disabled={!possible} onClick={send} data-testid="edit-send">
          {t('resend')}
        </Button>
      </div>
    </section>
  );
}
