import { CheckCircleFilled, CloseCircleFilled } from '@ant-design/icons';
import type { ModelTestResult } from '@wegent/api';
import { useTranslation } from 'react-i18next';

/** What came of a test: the answer with its latency, or why there was none. */
export function TestResult({ result }: { result: ModelTestResult }) {
  const { t } = useTranslation('models');
  if (result.ok) {
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
  return (
    <div className="rounded-control border border-line bg-sunken p-4">
      <p className="flex items-center gap-2 font-medium">
        <CloseCircleFilled className="text-error!" aria-hidden />
        {t('test.failed')}
        {result.error && <code className="font-normal text-muted">{result.error.reason}</code>}
      </p>
      {result.error && <p className="mt-2 text-[14px] leading-[22px]">{result.error.message}</p>}
      {result.error?.detail && (
        <details className="mt-2 text-[13px] leading-5 text-muted">
          <summary className="cursor-pointer">{t('test.detail')}</summary>
          <pre className="mt-2 max-h-48 overflow-auto whitespace-pre-wrap break-words">
            {result.error.detail}
          </pre>
        </details>
      )}
    </div>
  );
}
