import { CheckOutlined, CloseOutlined, LoadingOutlined } from '@ant-design/icons';
import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { DataFigure } from './data-figure.tsx';
import { Step } from './step.tsx';
import { useDurationText } from './use-duration-text.ts';

/** A tool call in one line; opened, what went in and what came out. */
export function ToolStep({ block }: { block: Extract<Block, { type: 'tool' }> }) {
  const { t } = useTranslation('chat');
  const durationText = useDurationText();
  const { done, isError = false, durationMs, tool, input, output } = block;
  const title = block.title || tool;
  const state = !done ? 'running' : isError ? 'failed' : 'done';
  return (
    <Step
      testId="tool"
      icon={ICONS[state]}
      title={
        <>
          <span className={done ? '' : 'wg-shimmer'}>{title}</span>
          <span className="sr-only">{t(`steps.tool.${state}`)}</span>
        </>
      }
      detail={durationMs !== undefined && durationText(durationMs)}
    >
      <div className="flex flex-col gap-2">
        {title !== tool && <p className="font-mono text-xs text-faint">{tool}</p>}
        <DataFigure label={t('steps.input')} value={input} />
        {output !== undefined && (
          <DataFigure label={t(isError ? 'steps.error' : 'steps.output')} value={output} isError={isError} />
        )}
      </div>
    </Step>
  );
}

const ICONS = {
  running: <LoadingOutlined className="text-accent" />,
  failed: <CloseOutlined className="text-error" />,
  done: <CheckOutlined className="text-success" />,
} as const;
