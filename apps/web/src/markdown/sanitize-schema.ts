import type { Options } from 'rehype-sanitize';

/**
 * What an answer may be made of. Raw HTML never gets this far (it stays text); this list is the second lock, and
 * it knows no `style`, no event handlers and no ids that the page itself could use.
 */
export const SANITIZE_SCHEMA: Options = {
  tagNames: [
    'a',
    'blockquote',
    'br',
    'code',
    'del',
    'em',
    'h1',
    'h2',
    'h3',
    'h4',
    'h5',
    'h6',
    'hr',
    'img',
    'input',
    'li',
    'ol',
    'p',
    'pre',
    'section',
    'strong',
    'sup',
    'table',
    'tbody',
    'td',
    'th',
    'thead',
    'tr',
    'ul',
  ],
  attributes: {
    a: ['href', 'title', 'id', 'ariaDescribedBy', 'ariaLabel', 'dataFootnoteRef', 'dataFootnoteBackref'],
    code: [['className', /^language-[\w+#.-]+$/, 'math-inline', 'math-display']],
    h2: ['id', ['className', 'sr-only']],
    img: ['src', 'alt', 'title'],
    input: ['checked', 'disabled', ['type', 'checkbox']],
    li: ['id', ['className', 'task-list-item']],
    ol: ['start'],
    section: ['dataFootnotes', ['className', 'footnotes']],
    td: ['align'],
    th: ['align'],
    ul: [['className', 'contains-task-list']],
  },
  required: { input: { type: 'checkbox', disabled: true } },
  protocols: { href: ['http', 'https', 'mailto', '#'], src: ['https', 'data'] },
  // Ids come from footnotes alone, and their prefix is set where the answer is drawn.
  clobber: [],
  strip: ['script', 'style'],
};
