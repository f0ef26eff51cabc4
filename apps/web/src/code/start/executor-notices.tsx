import { DownloadOutlined } from '@ant-design/icons';
import type { EngineState, ExecutorSummary } from '@wegent/api';
import { Alert, Button } from 'antd';
import { useTranslation } from 'react-i18next';
import { EngineProgress } from '../../executors/engine-line.tsx';
import { useInstallEngine } from '../../executors/use-executors.ts';
import { useUser } from '../../session/session-provider.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';

/** What stands in the way of a coding task, and what a person should know before they start one. */
export function ExecutorNotices({
  summary,
  engines,
}: {
  summary: ExecutorSummary;
  /** Those that the agent needs and that are not there. */
  engines: readonly EngineState[];
}) {
  const { t } = useTranslation('code');
  return (
    <div className="flex flex-col gap-3 empty:hidden">
      {engines.map((engine) => (
        <MissingEngine key={engine.name} engine={engine} />
      ))}
      {!summary.available && (
        <Alert
          type="error"
          showIcon
          title={t('start.noSandbox')}
          description={
            summary.problem ?? t(summary.driver === undefined ? 'start.noManager' : 'start.draining')
          }
        />
      )}
      {summary.available && !summary.isolated && (
        <Alert
          type="warning"
          showIcon
          title={t('start.unprotected')}
          description={t('start.unprotectedBody')}
        />
      )}
    </div>
  );
}

function MissingEngine({ engine }: { engine: EngineState }) {
  const { t } = useTranslation('executors');
  const { t: code } = useTranslation('code');
  const admin = useUser().role === 'admin';
  const install = useInstallEngine();
  const { name, state, error } = engine;
  const label = t(`engines.${name}`);
  return (
    <Alert
      type={state === 'installing' ? 'info' : 'warning'}
      showIcon
      data-testid="engine-missing"
      title={
        state === 'installing'
          ? t('installing', { engine: label })
          : code('start.engineMissing', { engine: label })
      }
      description={
        <div className="flex flex-col gap-2">
          {state === 'installing' ? (
            <EngineProgress engine={engine} />
          ) : (
            <p>{code(admin ? 'start.engineAdmin' : 'start.engineAsk')}</p>
          )}
          {state === 'failed' && error && <p className="[overflow-wrap:anywhere] text-error">{error}</p>}
          {install.error && <ErrorNotice error={install.error} />}
          {admin && state !== 'installing' && (
            <Button
              type="primary"
              icon={<DownloadOutlined />}
              className="self-start"
              // The order is taken a moment after it was given.
              loading={install.isPending || (install.isSuccess && state === 'missing')}
              onClick={() => install.mutate(name)}
            >
              {t(state === 'failed' ? 'installAgain' : 'install')}
            </Button>
          )}
        </div>
      }
    />
  );
}
