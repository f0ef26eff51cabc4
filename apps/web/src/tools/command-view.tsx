import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { AnsiText } from '../ansi/ansi-text.tsx';
import { dataText } from '../chat/data-text.ts';
import { CopyButton } from '../ui/copy-button.tsx';
import { field, type ToolBlock, textField } from './tool-block.ts';

const SHOWN_LINES = 20;

/** A command of the shell, and what it wrote. */
export function CommandView({ block }: { block: ToolBlock }) {
  const { t } = useTranslation('tools');
  const { input, output, isError = false, done } = block;
  const command = textField(input, 'command');
  const text = outputText(output);
  return (
    <figure className="overflow-hidden rounded-lg border border-line bg-canvas">
      <figcaption className="flex items-start gap-2 border-b border-line bg-sunken py-1 pr-0.5 pl-3">
        <code className="min-w-0 flex-1 self-center text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap">
          <span className="text-faint select-none">$ </span>
          {command}
        </code>
        <CopyButton text={command} type="text" size="small" className="text-xs! text-muted!" />
      </figcaption>
      {text !== '' && <Output text={text} isError={isError} />}
      {text === '' && (
        <p className="px-3 py-1.5 text-xs text-faint">{t(done ? 'command.silent' : 'command.running')}</p>
      )}
    </figure>
  );
}

function Output({ text, isError }: { text: string; isError: boolean }) {
  const { t } = useTranslation('tools');
  const [whole, setWhole] = useState(false);
  const lines = text.split('\n');
  // The end of an output is where its result stands.
  const shown = whole ? text : lines.slice(-SHOWN_LINES).join('\n');
  const left = lines.length - SHOWN_LINES;
  return (
    <>
      {left > 0 && (
        <Button
          type="text"
          size="small"
          block
          className="text-xs! text-muted!"
          aria-expanded={whole}
          onClick={() => setWhole(!whole)}
        >
          {whole ? t('command.less') : t('command.more', { count: left })}
        </Button>
      )}
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
        tabIndex={0}
        className={`max-h-96 overflow-auto px-3 py-2 text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap ${isError ? 'text-error' : ''}`}
      >
        <AnsiText text={shown} />
      </pre>
    </>
  );
}

function outputText(output: unknown): string {
  if (output === undefined || output === null) return '';
  const parts = [field(output, 'stdout'), field(output, 'stderr')].filter((part) => typeof part === 'string');
  const text = parts.length > 0 ? parts.filter((part) => part !== '').join('\n') : dataText(output);
  return text.trimEnd();
}
