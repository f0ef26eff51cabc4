import { SafetyOutlined } from '@ant-design/icons';
import '@xterm/xterm/css/xterm.css';
import { Button } from 'antd';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { useCodeTask } from '../code-context.tsx';
import { useTerminal } from './use-terminal.ts';

/** A shell in the sandbox; it ends when the panel is closed. */
export function TerminalPanel() {
  const { t } = useTranslation('code');
  const { taskId } = useCodeTask();
  const host = useRef<HTMLDivElement>(null);
  const { state, again } = useTerminal({ taskId, label: t('terminal.input') }, host);
  return (
    <div className="flex h-full flex-col" data-testid="terminal" data-status={state.status}>
      <div className="flex min-h-9 flex-none items-center gap-2 border-b border-line px-3 py-1 text-[13px] text-muted">
        <SafetyOutlined aria-hidden="true" />
        <span className="flex-1">{t('terminal.about')}</span>
        <span role="status" className="text-faint">
          {state.status !== 'open' && state.status !== 'failed' && t(`terminal.${state.status}`)}
        </span>
        {state.status === 'ended' && (
          <Button size="small" onClick={again}>
            {t('terminal.again')}
          </Button>
        )}
      </div>
      {state.status === 'failed' && <ErrorNotice error={state.error} className="m-4" onRetry={again} />}
      <div className={`min-h-0 flex-1 pt-2 pl-3 ${state.status === 'failed' ? 'hidden' : ''}`}>
        <div ref={host} className="h-full" />
      </div>
    </div>
  );
}
