import { DeleteOutlined, EditOutlined, NodeIndexOutlined, ThunderboltOutlined } from '@ant-design/icons';
import type { TaskMessage, TaskSession } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { ActionButton } from './action-button.tsx';
import { useConversation } from './conversation-context.tsx';
import { FailedDelivery } from './failed-delivery.tsx';

/** Messages that wait for the answer before them. */
export function QueueChips({
  messages,
  onEdit,
}: {
  messages: readonly TaskMessage[];
  onEdit: (message: TaskMessage) => void;
}) {
  const { t } = useTranslation('chat');
  if (messages.length === 0) return null;
  return (
    <section aria-label={t('queue.title')} className="mb-2 rounded-xl border border-line bg-sunken p-1.5">
      <h2 className="px-2 text-xs leading-5 text-muted">{t('queue.title')}</h2>
      <ul className="max-h-40 overflow-y-auto">
        {messages.map((message) => (
          <li key={message.clientMessageId ?? message.id} data-testid="queue-chip">
            <QueueChip message={message} onEdit={() => onEdit(message)} />
          </li>
        ))}
      </ul>
    </section>
  );
}

function QueueChip({ message, onEdit }: { message: TaskMessage; onEdit: () => void }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const { session, userId, attempt, busy, extras } = useConversation();
  const { id, text, sender, delivery, attachments } = message;
  const own = 'userId' in sender && sender.userId === userId;
  if (delivery?.state === 'failed') return <FailedDelivery message={message} error={delivery.error} />;
  return (
    <div className="flex items-center gap-1 rounded-lg px-2 py-0.5 hover:bg-hover">
      <span className="min-w-0 flex-1 truncate text-[14px]" title={text}>
        {!own && 'name' in sender && <span className="text-faint">{sender.name}: </span>}
        {text || attachments.map(({ name }) => name).join(', ')}
      </span>
      {/* Before the server has it, there is nothing to act on. */}
      {own && !delivery && (
        <>
          {busy && extras?.canSteer && (
            <ActionButton
              icon={<NodeIndexOutlined />}
              label={t('queue.steer')}
              testId="queue-steer"
              onClick={() => attempt(() => steer(session, message))}
            />
          )}
          <ActionButton
            icon={<ThunderboltOutlined />}
            label={t('queue.sendNow')}
            testId="queue-send-now"
            onClick={() => attempt(() => session.sendQueuedNow(id))}
          />
          <ActionButton
            icon={<EditOutlined />}
            label={common('actions.edit')}
            testId="queue-edit"
            onClick={onEdit}
          />
          <ActionButton
            icon={<DeleteOutlined />}
            label={common('actions.delete')}
            testId="queue-delete"
            onClick={() => attempt(() => session.removeQueued(id))}
          />
        </>
      )}
    </div>
  );
}

// Out of the queue first: nobody wants it sent twice.
async function steer(session: TaskSession, { id, text, attachments }: TaskMessage): Promise<void> {
  await session.removeQueued(id);
  void session.send({ message: text, attachments, whenBusy: 'steer' });
}
