import { CheckOutlined, CloseOutlined, LoadingOutlined } from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { Step } from '../chat/step.tsx';
import { useDurationText } from '../chat/use-duration-text.ts';
import { countLines, readEdit } from './read-edit.ts';
import { readTodos } from './read-todos.ts';
import type { ToolBlock } from './tool-block.ts';
import { ToolView } from './tool-view.tsx';
import { useToolTitle } from './use-tool-title.ts';

/** A tool call in one line; opened, what went in and what came out. Calls of a helper stand inside the one that started it. */
export function ToolStep({ block, inner = [] }: { block: ToolBlock; inner?: readonly ToolBlock[] }) {
  const { t } = useTranslation('chat');
  const durationText = useDurationText();
  const title = useToolTitle()(block.tool, block.title);
  const { done, isError = false, durationMs, tool, input, output } = block;
  const state = !done ? 'running' : isError ? 'failed' : 'done';
  const edit = readEdit(tool, input, isError ? undefined : output);
  const shownAtOnce = edit !== undefined || readTodos(tool, input) !== undefined;
  return (
    <Step
      testId="tool"
      icon={ICONS[state]}
      startOpen={shownAtOnce}
      title={
        <>
          <span className={done ? '' : 'wg-shimmer'}>{title}</span>
          <span className="sr-only">{t(`steps.tool.${state}`)}</span>
        </>
      }
      detail={
        <>
          {edit && <Counts {...countLines(edit.patch)} />}
          {durationMs !== undefined && durationText(durationMs)}
        </>
      }
    >
      {inner.length > 0 && (
        <div className="mb-2 flex flex-col gap-1">
          {inner.map((call) => (
            <ToolStep key={call.blockId} block={call} />
          ))}
        </div>
      )}
      <ToolView block={block} />
    </Step>
  );
}

function Counts({ additions, deletions }: { additions: number; deletions: number }) {
  return (
    <span className="mr-2 tabular-nums">
      {additions > 0 && <span className="text-success">+{additions}</span>}{' '}
      {deletions > 0 && <span className="text-error">−{deletions}</span>}
    </span>
  );
}

const ICONS = {
  running: <LoadingOutlined className="text-accent" />,
  failed: <CloseOutlined className="text-error" />,
  done: <CheckOutlined className="text-success" />,
} as const;
