import { useTranslation } from 'react-i18next';

/** The list of conversations in the rail. */
export function TaskRail() {
  const { t } = useTranslation('tasks');
  return <section aria-label={t('title')} className="px-3" />;
}
