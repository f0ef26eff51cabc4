import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import { type ModelTestResult, RunErrorReason } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../theme/appearance-provider.tsx';

/** What came of a test: the answer with its latency, or why there was none. */
export function TestResult({ result }: { result: ModelTestResult }) {
  const { t } = useTranslation('models');
  if (!result.ok) return <TestFailure error={result.error} />;
  return (
    <div className="rounded-control border border-line bg-sunken p-4">
      <p className="flex items-center gap-2 font-medium">
        <CheckCircleFilled className="text-success!" aria-hidden />
        {t('test.ok', { ms: Math.round(result.latencyMs) })}
      </p>
      {result.reply && (
        <blockquote className="mt-2 line-clamp-4 border-l-2 border-line-strong pl-3 text-[14px] leading-[22px] text-muted">
          {result.reply}
        </blockquote>
      )}
    </div>
  );
}

/** Why a model did not answer. */
export function TestFailure({ error }: { error: ModelTestResult['error'] }) {
  const { t } = useTranslation('models');
  const { language } = useAppearance().appearance;
  const reason = RunErrorReason.safeParse(error?.reason);
  // The server words the exact sentence in English; other languages say what the reason means and keep it as a detail.
  const own = language === 'en' || !reason.success;
  const sentence = own ? error?.message : t(`runErrors.${reason.data}`, { ns: 'common' });
  const details = [own ? undefined : error?.message, error?.detail].filter((text) => text !== undefined);
  return (
    <div className="rounded-control border border-line bg-sunken p-4">
      <p className="flex items-center gap-2 font-medium">
        <CloseCircleFilled className="text-error!" aria-hidden />
        {t('test.failed')}
        {error && <code className="font-normal text-muted">{error.reason}</code>}
      </p>
      {sentence && <p className="mt-2 text-[14px] leading-[22px] break-words">{sentence}</p>}
      {details.length > 0 && (
        <details className="mt-2 text-[13px] leading-5 text-muted">
          <summary className="cursor-pointer">{t('actions.showDetails', { ns: 'common' })}</summary>
          <pre className="mt-2 max-h-48 overflow-auto break-words whitespace-pre-wrap">
            {details.join('\n')}
          </pre>
        </details>
      )}
    </div>
  );
}
