import { memo, useId } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown from 'react-markdown';
import { MARKDOWN_COMPONENTS } from './markdown-components.tsx';
import { mayHoldMath, prepareMath } from './prepare-math.ts';
import { proseOptions } from './prose-options.ts';
import { useMath } from './use-math.ts';

/** One block of Markdown other than top-level code. Raw HTML in it is shown as text. */
export const Prose = memo(function Prose({ text }: { text: string }) {
  const { t } = useTranslation('chat');
  const id = useId();
  const markdown = prepareMath(text);
  const math = useMath(mayHoldMath(markdown));
  return (
    <ReactMarkdown
      {...proseOptions(math)}
      components={MARKDOWN_COMPONENTS}
      remarkRehypeOptions={{
        clobberPrefix: `${id}-`,
        footnoteLabel: t('markdown.footnotes'),
        footnoteBackLabel: t('markdown.backToText'),
      }}
    >
      {markdown}
    </ReactMarkdown>
  );
});
