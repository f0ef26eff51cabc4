import type { TaskMessage } from '@wegent/client';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Monogram } from '../ui/monogram.tsx';
import { useConversation } from './conversation-context.tsx';
import { EditTurn } from './edit-turn.tsx';
import { FailedDelivery } from './failed-delivery.tsx';
import { useValuesText } from './inputs/use-values-text.ts';
import { LongText } from './long-text.tsx';
import { SentAttachments } from './sent-attachments.tsx';
import { UserActions } from './user-actions.tsx';

/** What a person said: one's own at the right, of the others in a group at the left with their name. */
export const UserTurn = memo(function UserTurn({ message }: { message: TaskMessage }) {
  const { t } = useTranslation('chat');
  const { t: inputs } = useTranslation('inputs');
  const valuesText = useValuesText();
  const { userId, isGroup } = useConversation();
  const [editing, setEditing] = useState(false);
  const { sender, delivery } = message;
  const name = 'userId' in sender ? sender.name : sender.bot.name;
  const own = !('userId' in sender) || sender.userId === userId;
  if (editing) return <EditTurn message={message} onDone={() => setEditing(false)} />;
  return (
    <article
      data-testid="message-user"
      aria-label={own ? t('youSaid') : t('said', { name })}
      className={`group flex flex-col gap-0.5 ${own ? 'items-end' : 'items-start'}`}
    >
      {isGroup && !own && (
        <p className="flex items-center gap-2 text-[13px] font-medium text-muted">
          <Monogram name={name} size={22} />
          {name}
        </p>
      )}
      {message.attachments.length > 0 && <SentAttachments files={message.attachments} />}
      {message.text !== '' && (
        <div
          className={`max-w-[85%] rounded-2xl px-4 py-2.5 [overflow-wrap:anywhere] whitespace-pre-wrap ${
            own ? 'rounded-br-md bg-accent-soft' : 'rounded-bl-md bg-sunken'
          } ${delivery?.state === 'sending' ? 'opacity-70' : ''}`}
        >
          <LongText text={message.text} />
        </div>
      )}
      {message.inputs && Object.keys(message.inputs).length > 0 && (
        <p data-testid="sent-inputs" className="max-w-[85%] truncate text-[13px] text-faint">
          {inputs('sentWith', { values: valuesText(message.inputs) })}
        </p>
      )}
      {delivery?.state === 'failed' ? (
        <FailedDelivery message={message} error={delivery.error} />
      ) : (
        !delivery && <UserActions message={message} own={own} onEdit={() => setEditing(true)} />
      )}
    </article>
  );
});
