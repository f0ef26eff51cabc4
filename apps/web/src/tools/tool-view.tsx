import { useTranslation } from 'react-i18next';
import { DataFigure } from '../chat/data-figure.tsx';
import { SmallDiff } from '../diff/small-diff.tsx';
import { Markdown } from '../markdown/markdown.tsx';
import { CommandView } from './command-view.tsx';
import { readEdit } from './read-edit.ts';
import { readTodos } from './read-todos.ts';
import { TodoList } from './todo-list.tsx';
import { field, type ToolBlock, textField } from './tool-block.ts';

/** What went into a tool and what came out of it, each tool in its own way. */
export function ToolView({ block }: { block: ToolBlock }) {
  const { t } = useTranslation('chat');
  const { tool, input, output, isError = false } = block;
  const failure = isError && output !== undefined && (
    <DataFigure label={t('steps.error')} value={output} isError />
  );
  if (tool === 'Bash' && textField(input, 'command') !== '') return <CommandView block={block} />;
  const todos = readTodos(tool, input);
  if (todos) return <TodoList todos={todos} />;
  const edit = readEdit(tool, input, isError ? undefined : output);
  if (edit) {
    return (
      <div className="flex flex-col gap-2">
        <SmallDiff patch={edit.patch} path={edit.path} />
        {failure}
      </div>
    );
  }
  const text = tool === 'Agent' || tool === 'Task' ? agentText(output) : '';
  return (
    <div className="flex flex-col gap-2">
      {block.title !== '' && block.title !== tool && <p className="font-mono text-xs text-faint">{tool}</p>}
      <DataFigure label={t('steps.input')} value={textField(input, 'prompt') || input} />
      {failure}
      {!isError && text !== '' && <Markdown text={text} />}
      {!isError && text === '' && output !== undefined && (
        <DataFigure label={t('steps.output')} value={contentOf(output)} />
      )}
    </div>
  );
}

// A file that was read comes with its path and numbers around it; the text is what matters.
function contentOf(output: unknown): unknown {
  return textField(field(output, 'file'), 'content') || textField(output, 'content') || output;
}

function agentText(output: unknown): string {
  if (typeof output === 'string') return output;
  const content = field(output, 'content');
  if (!Array.isArray(content)) return textField(output, 'result', 'content');
  return content
    .map((part) => textField(part, 'text'))
    .filter((text) => text !== '')
    .join('\n\n');
}
