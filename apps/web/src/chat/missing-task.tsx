import { MessageOutlined } from '@ant-design/icons';
import type { ApiError } from '@wegent/api';
import { Button } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { newChatLink } from '../frame/links.ts';
import { EmptyState } from '../ui/empty-state.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { TabTitle } from './tab-title.tsx';

/** A conversation that cannot be shown. One of somebody else looks exactly like one that does not exist. */
export function MissingTask({ error }: { error?: ApiError }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const router = useRouter();
  const errorText = useErrorText();
  const { title, detail } =
    !error || error.reason === 'NotFound' || error.reason === 'Forbidden'
      ? { title: t('missing.title'), detail: t('missing.body') }
      : errorText(error);
  return (
    <div className="grid h-full place-items-center p-4" data-testid="missing-task">
      <TabTitle title={title} />
      <div className="w-full max-w-lg">
        <EmptyState
          icon={<MessageOutlined />}
          title={title}
          action={
            <Button type="primary" onClick={() => router.push(newChatLink())}>
              {common('nav.newChat')}
            </Button>
          }
        >
          {detail}
        </EmptyState>
      </div>
    </div>
  );
}
