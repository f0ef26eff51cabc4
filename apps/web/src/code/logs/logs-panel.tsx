import { ArrowDownOutlined, SearchOutlined } from '@ant-design/icons';
import { Button, Input } from 'antd';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AnsiText } from '../../ansi/ansi-text.tsx';
import { useConversation } from '../../chat/conversation-context.tsx';
import { useStickyScroll } from '../../chat/use-sticky-scroll.ts';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { exactTime } from '../../ui/times.ts';
import { Waiting } from '../../ui/waiting.tsx';
import { useCodeTask } from '../code-context.tsx';
import { PanelEmpty } from '../panel-empty.tsx';
import { type LogRow, logRows } from './log-rows.ts';
import { useLogs } from './use-logs.ts';

/** What happened around the agent: clone, set-up, network, engine. Follows the end until one scrolls up. */
export function LogsPanel() {
  const { t } = useTranslation('code');
  const { taskId } = useCodeTask();
  const { busy } = useConversation();
  const logs = useLogs(taskId, busy);
  const [search, setSearch] = useState('');
  const words = useDeferredValue(search);
  const rows = useMemo(() => logRows(logs.data ?? [], words), [logs.data, words]);
  return (
    <div className="flex h-full flex-col">
      <div className="flex flex-none items-center gap-1 border-b border-line p-1.5">
        <Input
          size="small"
          variant="filled"
          allowClear
          className="min-w-0 flex-1"
          prefix={<SearchOutlined className="text-faint" />}
          placeholder={t('logs.search')}
          aria-label={t('logs.search')}
          value={search}
          onChange={({ target }) => setSearch(target.value)}
        />
        <span className="flex-none px-1 text-xs text-faint">
          {words.trim() !== '' && t('logs.found', { count: rows.length })}
        </span>
        <CopyButton
          size="small"
          type="text"
          className="text-xs! text-muted!"
          text={rows.map(({ text }) => text).join('\n')}
        />
      </div>
      {logs.isError && !logs.data && (
        <ErrorNotice error={logs.error} className="m-4" onRetry={() => void logs.refetch()} />
      )}
      {logs.isPending && <Waiting what={t('panel.logs')} />}
      {logs.data && rows.length === 0 && (
        <PanelEmpty title={t(words.trim() === '' ? 'logs.none' : 'logs.noMatch')} />
      )}
      {rows.length > 0 && <Rows rows={rows} />}
    </div>
  );
}

function Rows({ rows }: { rows: readonly LogRow[] }) {
  const { t } = useTranslation('code');
  const { t: chat } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  const { scroller, content, away, toEnd } = useStickyScroll();
  return (
    <div className="relative min-h-0 flex-1">
      <div
        ref={scroller}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
        tabIndex={0}
        role="log"
        aria-live="off"
        aria-label={t('panel.logs')}
        data-testid="logs"
        className="h-full overflow-auto py-2 font-mono text-[12px] leading-[18px]"
      >
        <div ref={content}>
          {rows.map(({ key, stream, text, at }) => (
            <p
              key={key}
              title={exactTime(at, language)}
              className={`border-l-2 px-3 [overflow-wrap:anywhere] whitespace-pre-wrap [contain-intrinsic-size:auto_18px] [content-visibility:auto] ${STREAMS[stream]}`}
            >
              <AnsiText text={text} />
            </p>
          ))}
        </div>
      </div>
      {away && (
        <Button
          shape="circle"
          size="small"
          icon={<ArrowDownOutlined />}
          aria-label={chat('toNewest')}
          title={chat('toNewest')}
          className="absolute! right-4 bottom-3 shadow-raised"
          onClick={toEnd}
        />
      )}
    </div>
  );
}

const STREAMS = {
  system: 'border-accent-line text-muted',
  stdout: 'border-transparent',
  stderr: 'border-error/60',
} as const;
