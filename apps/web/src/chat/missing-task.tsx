import type { ApiError } from '@wegent/api';
import { Button, Result } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { newChatLink } from '../frame/links.ts';
import { useErrorText } from '../ui/use-error-text.ts';
import { TabTitle } from './tab-title.tsx';

/** A conversation that cannot be shown. One of somebody else looks exactly like one that does not exist. */
export function MissingTask({ error }: { error?: ApiError }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const router = useRouter();
  const errorText = useErrorText();
  const missing = !error || error.reason === 'NotFound';
  return (
    <div className="grid h-full place-items-center p-4" data-testid="missing-task">
      <TabTitle title={t('missing.title')} />
      <Result
        status={missing ? '404' : 'error'}
        title={missing ? t('missing.title') : errorText(error).title}
        subTitle={missing ? t('missing.body') : errorText(error).detail}
        extra={
          <Button type="primary" onClick={() => router.push(newChatLink())}>
            {common('nav.newChat')}
          </Button>
        }
      />
    </div>
  );
}
