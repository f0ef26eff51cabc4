import { DownloadOutlined } from '@ant-design/icons';
import type { EngineState } from '@wegent/api';
import { Button, Progress } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { useInstallEngine } from './use-executors.ts';

/** One engine: is it there, how far is it, and a button that installs it. */
export function EngineLine({ engine }: { engine: EngineState }) {
  const { t } = useTranslation('executors');
  const install = useInstallEngine();
  const { name, state, version, error } = engine;
  return (
    <div className="flex flex-col gap-2" data-testid="engine" data-state={state}>
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2">
        <span className="min-w-28 font-medium">{t(`engines.${name}`)}</span>
        <span className="flex-1 text-[14px]">
          <StatusMark state={MARKS[state]}>
            {t(`engineState.${state}`)}
            {version && state === 'installed' && <span className="text-faint"> {version}</span>}
          </StatusMark>
        </span>
        {(state === 'missing' || state === 'failed') && (
          <Button
            size="small"
            icon={<DownloadOutlined />}
            // The order is taken a moment after it was given.
            loading={install.isPending || (install.isSuccess && state === 'missing')}
            onClick={() => install.mutate(name)}
          >
            {t(state === 'failed' ? 'installAgain' : 'install')}
          </Button>
        )}
      </div>
      {state === 'installing' && <EngineProgress engine={engine} />}
      {state === 'failed' && error && (
        <p className="text-[13px] leading-5 [overflow-wrap:anywhere] text-error">{error}</p>
      )}
      {install.error && <ErrorNotice error={install.error} />}
    </div>
  );
}

/** How far an installation is. */
export function EngineProgress({ engine }: { engine: EngineState }) {
  const { t } = useTranslation('executors');
  const percent = Math.round((engine.progress ?? 0) * 100);
  return (
    <Progress
      percent={percent}
      status="active"
      size="small"
      aria-label={t('installing', { engine: t(`engines.${engine.name}`) })}
    />
  );
}

const MARKS = { installed: 'good', missing: 'idle', installing: 'idle', failed: 'bad' } as const;
