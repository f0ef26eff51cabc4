import { Button } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { Notice } from '../ui/notice.tsx';

/** What an unknown address shows. */
export function NotFoundPage() {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <main className="h-dvh">
      <Notice
        title={t('notFound.title')}
        action={
          <Button type="primary" onClick={() => router.push('/chat')}>
            {t('actions.goToChat')}
          </Button>
        }
      >
        {t('notFound.body')}
      </Notice>
    </main>
  );
}
