import { Spin } from 'antd';
import { useTranslation } from 'react-i18next';

/** A wait that says what it waits for. */
export function Waiting({ what }: { what: string }) {
  const { t } = useTranslation();
  return (
    <div role="status" className="flex items-center justify-center gap-3 py-16 text-muted">
      <Spin size="small" />
      <span>{t('state.loading', { what })}</span>
    </div>
  );
}
