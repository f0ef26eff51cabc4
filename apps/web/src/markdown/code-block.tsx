import { Button, Tooltip } from 'antd';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../ui/copy-button.tsx';
import { useHighlight } from './use-highlight.ts';
import { WrapIcon } from './wrap-icon.tsx';

interface CodeBlockProps {
  language: string;
  code: string;
  /** Nothing more will come: now it may be coloured. */
  complete: boolean;
}

/** Code with its language, a copy button and a switch for long lines. Plain while it is being written. */
export const CodeBlock = memo(function CodeBlock({ language, code, complete }: CodeBlockProps) {
  const { t } = useTranslation('chat');
  const [wrap, setWrap] = useState(false);
  return (
    <figure className="my-3 overflow-hidden rounded-control border border-line bg-canvas">
      <figcaption className="flex h-9 items-center gap-1 border-b border-line bg-sunken pr-1 pl-3.5 text-[13px] text-muted">
        <span className="flex-1 truncate">{language || t('markdown.text')}</span>
        <Tooltip title={t('markdown.wrap')}>
          <Button
            type="text"
            size="small"
            icon={<WrapIcon />}
            aria-label={t('markdown.wrap')}
            aria-pressed={wrap}
            className={wrap ? 'text-accent' : 'text-muted'}
            onClick={() => setWrap(!wrap)}
          />
        </Tooltip>
        <CopyButton text={code} type="text" size="small" className="text-[13px]! text-muted!" />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
        tabIndex={0}
        className={`overflow-x-auto px-4 py-3 text-code ${wrap ? 'whitespace-pre-wrap' : ''}`}
      >
        <Code language={language} code={code} complete={complete} />
      </pre>
    </figure>
  );
});

function Code({ language, code, complete }: CodeBlockProps) {
  const lines = useHighlight({ language, code, enabled: complete });
  if (!lines) return <code>{code}</code>;
  return (
    <code className="wg-code">
      {lines.map((line, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: lines of finished code never move.
        <span key={index}>
          {line.map((token, place) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: neither do its tokens.
            <span key={place} style={token.style}>
              {token.text}
            </span>
          ))}
          {index < lines.length - 1 && '\n'}
        </span>
      ))}
    </code>
  );
}
