import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from './use-error-text.ts';

/** A failed request as a card: what happened, why, and the next step. */
export function ErrorNotice({
  error,
  onRetry,
  className,
}: {
  error: unknown;
  onRetry?: () => void;
  className?: string;
}) {
  const { t } = useTranslation();
  const { title, detail } = useErrorText()(error);
  return (
    <Alert
      type="error"
      showIcon
      role="alert"
      {...(className ? { className } : {})}
      title={title}
      description={detail && <span className="break-words text-muted">{detail}</span>}
      action={
        onRetry && (
          <Button size="small" onClick={onRetry}>
            {t('actions.retry')}
          </Button>
        )
      }
    />
  );
}
