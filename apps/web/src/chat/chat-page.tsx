import { useTranslation } from 'react-i18next';
import { PageTitle } from '../ui/page-title.tsx';

/** A conversation, or the start of one. */
export function ChatPage() {
  const { t } = useTranslation('chat');
  return (
    <div className="grid h-full place-items-center">
      <PageTitle title={t('title')} />
      <h1 className="text-2xl font-semibold">{t('title')}</h1>
    </div>
  );
}
