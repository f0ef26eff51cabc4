import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** Names the browser tab. `badge` goes in front, such as the number of chats that need an answer. */
export function PageTitle({ title, badge = 0 }: { title: string; badge?: number }) {
  const { t } = useTranslation();
  const product = t('product');
  useEffect(() => {
    document.title = `${badge > 0 ? `(${badge}) ` : ''}${title === product ? title : `${title} · ${product}`}`;
  }, [title, badge, product]);
  return null;
}
