import { ExclamationCircleOutlined } from '@ant-design/icons';
import type { ApiError } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../ui/use-error-text.ts';
import { useConversation } from './conversation-context.tsx';

/** Under a message that the server refused: why, and what can be done. */
export function FailedDelivery({ message, error }: { message: TaskMessage; error: ApiError }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const { session } = useConversation();
  const { title, detail } = useErrorText()(error);
  return (
    <div
      role="alert"
      data-testid="send-failed"
      className="flex max-w-[85%] flex-wrap items-center justify-end gap-2 text-[13px]"
    >
      <span className="text-error">
        <ExclamationCircleOutlined aria-hidden="true" /> {t('notSent')} {title} {detail !== title && detail}
      </span>
      <Button size="small" onClick={() => void session.retry(message.id)}>
        {common('actions.retry')}
      </Button>
      <Button size="small" type="text" onClick={() => session.discard(message.id)}>
        {t('dismiss')}
      </Button>
    </div>
  );
}
