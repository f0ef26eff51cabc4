import { memo, useId } from 'react';
import { useTranslation } from 'react-i18next';
import ReactMarkdown, { type Options } from 'react-markdown';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import { MARKDOWN_COMPONENTS } from './markdown-components.tsx';
import { mayHoldMath, prepareMath } from './prepare-math.ts';
import { safeImage, safeLink } from './safe-url.ts';
import { SANITIZE_SCHEMA } from './sanitize-schema.ts';
import { KATEX_OPTIONS, type MathPlugin, useMath } from './use-math.ts';

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

/** How Markdown becomes elements. Formulas are drawn after the sanitiser, by a renderer that trusts nothing. */
export function proseOptions(math: MathPlugin | undefined): Options {
  return {
    remarkPlugins: [remarkGfm, remarkMath],
    rehypePlugins: [
      [rehypeSanitize, SANITIZE_SCHEMA],
      ...(math ? [[math, KATEX_OPTIONS] as [MathPlugin, object]] : []),
    ],
    urlTransform: (url, key) => {
      if (key === 'src') return safeImage(url) ?? '';
      // Links inside the text come from footnotes.
      return url.startsWith('#') ? url : (safeLink(url) ?? '');
    },
  };
}
