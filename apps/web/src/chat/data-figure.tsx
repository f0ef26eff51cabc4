import { Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { CopyButton } from '../ui/copy-button.tsx';
import { dataText } from './data-text.ts';

const SHOWN = 1200;

/** What went into a tool or came out of it, shortened at first. */
export function DataFigure({
  label,
  value,
  isError = false,
}: {
  label: string;
  value: unknown;
  isError?: boolean;
}) {
  const { t } = useTranslation('chat');
  const [whole, setWhole] = useState(false);
  const text = dataText(value);
  const long = text.length > SHOWN;
  return (
    <figure className="overflow-hidden rounded-lg border border-line">
      <figcaption className="flex items-center gap-2 bg-sunken py-0.5 pr-0.5 pl-3 text-xs text-muted">
        <span className={`flex-1 ${isError ? 'text-error' : ''}`}>{label}</span>
        <CopyButton text={text} type="text" size="small" className="text-xs! text-muted!" />
      </figcaption>
      <pre
        // biome-ignore lint/a11y/noNoninteractiveTabindex: whoever uses a keyboard must be able to scroll it.
        tabIndex={0}
        className="max-h-80 overflow-auto px-3 py-2 text-[12px] leading-[18px] [overflow-wrap:anywhere] whitespace-pre-wrap"
      >
        {long && !whole ? `${text.slice(0, SHOWN)}…` : text}
      </pre>
      {long && (
        <Button
          type="text"
          size="small"
          block
          className="text-xs! text-muted!"
          onClick={() => setWhole(!whole)}
        >
          {whole ? t('showLess') : t('showAllOf', { count: text.length })}
        </Button>
      )}
    </figure>
  );
}
