import { LoadingOutlined } from '@ant-design/icons';
import type { ModelTestResult } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { TestResult } from './test-result.tsx';

interface TestPanelProps {
  pending: boolean;
  /** The request for the test itself failed. */
  error: unknown;
  result: ModelTestResult | undefined;
  /** Does the result belong to what the form holds now? */
  fresh: boolean;
}

/** The state of the live test above the buttons. */
export function TestPanel({ pending, error, result, fresh }: TestPanelProps) {
  const { t } = useTranslation('models');
  return (
    <div role="status" aria-live="polite">
      {pending ? (
        <p className="flex items-center gap-2 text-muted">
          <LoadingOutlined aria-hidden />
          {t('test.running')}
        </p>
      ) : error ? (
        <ErrorNotice error={error} />
      ) : result ? (
        <div className={fresh ? '' : 'opacity-60'}>
          <TestResult result={result} />
          {!fresh && <p className="mt-2 text-[13px] leading-5">{t('test.changed')}</p>}
        </div>
      ) : (
        <p className="text-[13px] leading-5 text-muted">{t('test.untested')}</p>
      )}
    </div>
  );
}
