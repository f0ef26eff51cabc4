import { useTranslation } from 'react-i18next';
import { DataFigure } from '../chat/data-figure.tsx';
import { SmallDiff } from '../diff/small-diff.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { readEdit } from '../tools/read-edit.ts';
import { textField } from '../tools/tool-block.ts';
import { visibleName } from '../ui/visible-name.ts';

/** What is going to be done: the plan, the command, the change, or the data as it is. */
export function ApprovalSubject({ tool, input }: { tool: string; input: unknown }) {
  const { t } = useTranslation('approvals');
  const plan = tool === 'ExitPlanMode' ? textField(input, 'plan') : '';
  if (plan !== '') {
    return (
      // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
      <div tabIndex={0} className="max-h-[50vh] overflow-y-auto rounded-lg border border-line px-4 py-3">
        <Markdown text={plan} />
      </div>
    );
  }
  const command = textField(input, 'command');
  if (command !== '') {
    return (
      <pre className="max-h-60 overflow-auto rounded-lg border border-line bg-sunken px-3 py-2 [overflow-wrap:anywhere] whitespace-pre-wrap">
        <span className="text-faint select-none">$ </span>
        {command}
      </pre>
    );
  }
  const edit = readEdit(tool, input);
  if (edit) {
    return (
      <div className="flex flex-col gap-1.5">
        <p className="font-mono text-[13px] [overflow-wrap:anywhere] text-muted">{visibleName(edit.path)}</p>
        <SmallDiff patch={edit.patch} path={edit.path} />
      </div>
    );
  }
  return <DataFigure label={t('input', { tool })} value={input} />;
}
