import { useTranslation } from 'react-i18next';

/** A conversation that is on its way; shows itself only when that takes long enough to notice. */
export function OpeningTask() {
  const { t } = useTranslation('chat');
  return (
    <div
      role="status"
      className="wg-appear-late mx-auto flex h-full w-full max-w-[768px] flex-col gap-6 px-4 pt-24"
    >
      <span className="sr-only">{t('opening')}</span>
      <div className="h-10 w-2/5 self-end rounded-2xl bg-sunken" />
      {[92, 100, 78, 64].map((width) => (
        <div key={width} className="h-4 rounded bg-sunken" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
