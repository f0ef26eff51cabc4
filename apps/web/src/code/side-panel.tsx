import { CloseOutlined } from '@ant-design/icons';
import type { TaskView } from '@wegent/client';
import { Button, Drawer, Spin } from 'antd';
import { lazy, Suspense, useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCodeTask } from './code-context.tsx';
import { DetailsPanel } from './details-panel.tsx';
import { LogsPanel } from './logs/logs-panel.tsx';
import type { PanelName } from './use-panel.ts';
import { useResize } from './use-resize.ts';

// Loaded when they are first opened.
const ChangesPanel = lazy(async () => ({
  default: (await import('./changes/changes-panel.tsx')).ChangesPanel,
}));
const FilesPanel = lazy(async () => ({ default: (await import('./files/files-panel.tsx')).FilesPanel }));
const TerminalPanel = lazy(async () => ({
  default: (await import('./terminal/terminal-panel.tsx')).TerminalPanel,
}));

interface SidePanelProps {
  view: TaskView;
  /** Is there room beside the conversation? Otherwise the panel is a sheet over it. */
  wide: boolean;
  width: number;
  keepWidth: (width: number) => void;
}

/** The open panel beside the conversation. */
export function SidePanel({ view, wide, width, keepWidth }: SidePanelProps) {
  const { t } = useTranslation('code');
  const { panel, openPanel } = useCodeTask();
  if (wide) return panel && <Beside panel={panel} view={view} width={width} keepWidth={keepWidth} />;
  return (
    <Drawer
      open={panel !== undefined}
      onClose={() => openPanel(undefined)}
      placement="right"
      size="100%"
      closable={false}
      title={null}
      {...(panel ? { 'aria-label': t(`panel.${panel}`) } : {})}
      destroyOnHidden
      styles={{ body: { padding: 0 } }}
    >
      {panel && <Panel panel={panel} view={view} />}
    </Drawer>
  );
}

function Beside({
  panel,
  view,
  width: kept,
  keepWidth,
}: Omit<SidePanelProps, 'wide'> & { panel: PanelName }) {
  const { t } = useTranslation('code');
  const { width, handle } = useResize(kept, keepWidth);
  return (
    <aside
      aria-label={t(`panel.${panel}`)}
      className="relative flex max-w-[calc(100%-400px)] flex-none flex-col border-l border-line"
      style={{ width }}
    >
      {/* biome-ignore lint/a11y/useSemanticElements: an edge to drag is no line between paragraphs. */}
      <div
        role="separator"
        aria-orientation="vertical"
        aria-label={t('panel.resize')}
        aria-valuenow={Math.round(width)}
        aria-valuemin={320}
        tabIndex={0}
        className="absolute inset-y-0 -left-1 z-20 w-2 cursor-col-resize touch-none hover:bg-accent/25 focus-visible:bg-accent/40"
        {...handle}
      />
      <Panel panel={panel} view={view} />
    </aside>
  );
}

function Panel({ panel, view }: { panel: PanelName; view: TaskView }) {
  const { t } = useTranslation('code');
  const { openPanel } = useCodeTask();
  // A terminal lives on behind the other panels, until all of them are closed.
  const [terminal, setTerminal] = useState(panel === 'terminal');
  useEffect(() => {
    if (panel === 'terminal') setTerminal(true);
  }, [panel]);
  return (
    <div className="flex h-full min-h-0 flex-col bg-canvas" data-testid="side-panel">
      <header className="flex h-11 flex-none items-center gap-2 border-b border-line pr-1.5 pl-4">
        <h2 className="flex-1 font-medium">{t(`panel.${panel}`)}</h2>
        <Button
          type="text"
          icon={<CloseOutlined />}
          aria-label={t('panel.close')}
          title={t('panel.close')}
          onClick={() => openPanel(undefined)}
        />
      </header>
      <div className="min-h-0 flex-1">
        <Suspense
          fallback={
            <div className="grid h-full place-items-center">
              <Spin />
            </div>
          }
        >
          {panel === 'changes' && <ChangesPanel view={view} />}
          {panel === 'files' && <FilesPanel />}
          {panel === 'logs' && <LogsPanel />}
          {panel === 'details' && <DetailsPanel view={view} />}
          {terminal && (
            <div className="h-full" hidden={panel !== 'terminal'}>
              <TerminalPanel />
            </div>
          )}
        </Suspense>
      </div>
    </div>
  );
}
