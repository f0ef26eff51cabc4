import { ReloadOutlined } from '@ant-design/icons';
import type { TaskMessage } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { ActionButton } from './action-button.tsx';
import { useConversation } from './conversation-context.tsx';
import { CopyAction } from './copy-action.tsx';
import { SiblingSwitch } from './sibling-switch.tsx';
import { UsageLine } from './usage-line.tsx';

/** What can be done with a settled answer. Of older answers it appears on demand. */
export function AnswerActions({ message, newest }: { message: TaskMessage; newest: boolean }) {
  const { t } = useTranslation('chat');
  const { session, busy, attempt } = useConversation();
  return (
    <div className="-ml-1.5 flex min-h-7 flex-wrap items-center gap-0.5 text-faint">
      {!busy && <SiblingSwitch message={message} />}
      <div className={`flex items-center gap-0.5 ${newest ? '' : 'wg-on-demand'}`}>
        {message.text !== '' && <CopyAction text={message.text} />}
        {!busy && (
          <ActionButton
            icon={<ReloadOutlined />}
            label={t('regenerate')}
            testId="regenerate"
            onClick={() => attempt(() => session.regenerate(message.id))}
          />
        )}
        <UsageLine message={message} />
      </div>
    </div>
  );
}
