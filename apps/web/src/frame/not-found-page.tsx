import { Button } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { Logo } from '../ui/logo.tsx';
import { PageTitle } from '../ui/page-title.tsx';

/** What an unknown address shows. */
export function NotFoundPage() {
  const { t } = useTranslation();
  const router = useRouter();
  return (
    <main className="flex min-h-dvh flex-col items-center justify-center gap-6 p-6 text-center">
      <PageTitle title={t('notFound.title')} />
      <Logo size={44} />
      <div>
        <h1 className="text-2xl leading-8 font-semibold tracking-tight">{t('notFound.title')}</h1>
        <p className="mt-2 text-muted">{t('notFound.body')}</p>
      </div>
      <Button type="primary" onClick={() => router.push('/chat')}>
        {t('actions.goToChat')}
      </Button>
    </main>
  );
}
