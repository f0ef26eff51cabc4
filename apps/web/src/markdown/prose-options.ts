import type { Options } from 'react-markdown';
import type rehypeKatex from 'rehype-katex';
import rehypeSanitize from 'rehype-sanitize';
import remarkGfm from 'remark-gfm';
import remarkMath from 'remark-math';
import { htmlAsText } from './html-as-text.ts';
import { safeImage, safeLink } from './safe-url.ts';
import { SANITIZE_SCHEMA } from './sanitize-schema.ts';

/** Draws formulas. */
export type MathPlugin = typeof rehypeKatex;

/** `trust: false` refuses links, pictures and HTML in formulas; the limits stop formulas that never end. */
const KATEX_OPTIONS = {
  trust: false,
  strict: 'ignore',
  maxExpand: 500,
  maxSize: 20,
  errorColor: 'var(--wg-error)',
} as const;

/** How Markdown becomes elements. Formulas are drawn after the sanitiser, by a renderer that trusts nothing. */
export function proseOptions(math: MathPlugin | undefined): Options {
  return {
    remarkPlugins: [remarkGfm, remarkMath, htmlAsText],
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
