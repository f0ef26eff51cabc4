import {
  CodeOutlined,
  DiffOutlined,
  FileTextOutlined,
  FolderOutlined,
  InfoCircleOutlined,
} from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import type { ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { useChanges } from './changes/use-changes.ts';
import { useCodeTask } from './code-context.tsx';
import { PANELS, type PanelName } from './use-panel.ts';

/** Opens and closes the panels beside the conversation. */
export function PanelToggles() {
  const { t } = useTranslation('code');
  const { panel, openPanel } = useCodeTask();
  const changed = useChanges(undefined).data?.files.length ?? 0;
  return (
    // biome-ignore lint/a11y/useSemanticElements: these are buttons of a bar, no fields of a form.
    <div role="group" aria-label={t('panel.label')} className="flex items-center md:gap-0.5">
      {PANELS.map((name) => {
        const open = panel === name;
        const label = t(`panel.${name}`);
        return (
          <Tooltip key={name} title={label}>
            <Button
              type="text"
              icon={ICONS[name]}
              aria-label={name === 'changes' && changed > 0 ? `${label}: ${changed}` : label}
              aria-pressed={open}
              data-testid={`panel-${name}`}
              className={open ? 'bg-accent-soft! text-accent!' : 'text-muted!'}
              onClick={() => openPanel(open ? undefined : name)}
            >
              {name === 'changes' && changed > 0 && (
                <span className="text-[13px] tabular-nums">{changed}</span>
              )}
            </Button>
          </Tooltip>
        );
      })}
    </div>
  );
}

const ICONS: Record<PanelName, ReactNode> = {
  changes: <DiffOutlined />,
  files: <FolderOutlined />,
  logs: <FileTextOutlined />,
  terminal: <CodeOutlined />,
  details: <InfoCircleOutlined />,
};
