import { EditOutlined } from '@ant-design/icons';
import type { TaskMessage } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { RelativeTime } from '../ui/relative-time.tsx';
import { ActionButton } from './action-button.tsx';
import { useConversation } from './conversation-context.tsx';
import { CopyAction } from './copy-action.tsx';
import { SiblingSwitch } from './sibling-switch.tsx';

/** What can be done with a message of a person. */
export function UserActions({
  message,
  own,
  onEdit,
}: {
  message: TaskMessage;
  own: boolean;
  onEdit: () => void;
}) {
  const { t } = useTranslation('chat');
  const { busy } = useConversation();
  return (
    <div className="flex h-7 items-center gap-0.5 text-faint">
      <div className="wg-on-demand flex items-center gap-0.5">
        <span className="px-1.5 text-xs">
          <RelativeTime at={message.createdAt} />
        </span>
        {message.text !== '' && <CopyAction text={message.text} />}
        {own && !busy && (
          <ActionButton icon={<EditOutlined />} label={t('edit')} testId="edit" onClick={onEdit} />
        )}
      </div>
      {!busy && <SiblingSwitch message={message} />}
    </div>
  );
}
