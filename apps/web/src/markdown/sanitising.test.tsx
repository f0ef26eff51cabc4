import { renderToStaticMarkup } from 'react-dom/server';
import { I18nextProvider } from 'react-i18next';
import ReactMarkdown from 'react-markdown';
import rehypeKatex from 'rehype-katex';
import { describe, expect, it } from 'vitest';
import { createI18n } from '../i18n/i18n.ts';
import { MARKDOWN_COMPONENTS } from './markdown-components.tsx';
import { proseOptions } from './prose-options.ts';
import { safeImage, safeLink } from './safe-url.ts';

// Without our own code blocks, which are buttons and icons too.
const { pre: _pre, ...components } = MARKDOWN_COMPONENTS;

/** The button that stands for a picture of another host, which is ours. */
const OWN_BUTTON = '<button type="button" data-testid="remote-picture"';
const i18n = createI18n('en');

function draw(markdown: string): string {
  return renderToStaticMarkup(
    <I18nextProvider i18n={i18n}>
      <ReactMarkdown {...proseOptions(rehypeKatex)} components={components}>
        {markdown}
      </ReactMarkdown>
    </I18nextProvider>,
  );
}

/** Elements and attributes that may do something; what is escaped is text and does nothing. */
const ACTIVE =
  /<(?:script|iframe|object|embed|style|link|meta|base|form|button|video|audio|template|svg(?=[^>]*\son))\b|<[^>]*\son\w+=/i;
const BAD_ADDRESS =
  /\s(?:href|src|action|xlink:href)="\s*(?:javascript|vbscript|data:text|data:image\/svg|file|blob):/i;

const ATTACKS = [
  ['a script tag', '<script>alert(1)</script>'],
  ['a script in a paragraph', 'hi <script src="https://evil.example/x.js"></script> there'],
  ['an image with a handler', '<img src=x onerror=alert(1)>'],
  ['an svg with a handler', '<svg onload=alert(1)><script>alert(1)</script></svg>'],
  ['a style tag', '<style>* { background: url(https://evil.example) }</style>'],
  ['a style attribute', '<p style="position:fixed;inset:0">x</p>'],
  ['an iframe', '<iframe src="https://evil.example"></iframe>'],
  ['an iframe with a document', '<iframe srcdoc="<script>alert(1)</script>"></iframe>'],
  ['a form', '<form action="https://evil.example"><input name=password></form>'],
  ['a base', '<base href="https://evil.example/">'],
  ['a link with a script', '[x](javascript:alert(1))'],
  ['a link with a script in capitals', '[x](JaVaScRiPt:alert(1))'],
  ['a link with an encoded script', '[x](&#106;avascript:alert(1))'],
  ['a link with a tab in the script', '[x](<java\tscript:alert(1)>)'],
  ['a link with a leading control character', '[x](<\u0001javascript:alert(1)>)'],
  ['a reference link with a script', '[x][y]\n\n[y]: javascript:alert(1)'],
  ['an autolink with a script', '<javascript:alert(1)>'],
  ['a link to vbscript', '[x](vbscript:msgbox(1))'],
  ['a link to a document', '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)'],
  ['a link to a local file', '[x](file:///etc/passwd)'],
  ['an image that is a script', '![x](javascript:alert(1))'],
  ['an image that is an svg document', '![x](data:image/svg+xml;base64,PHN2Zy8+)'],
  ['an image that is a document', '![x](data:text/html,<script>alert(1)</script>)'],
  ['a title that breaks out', '[x](https://a.example "\\" onmouseover=\\"alert(1)")'],
  ['alternative text that breaks out', '![" onerror="alert(1)](https://a.example/x.png)'],
  ['a code language that breaks out', '- a\n  ```"onload="alert(1)\n  x\n  ```'],
  ['a formula with a link', '$\\href{javascript:alert(1)}{x}$'],
  ['a formula with a url', '$\\url{javascript:alert(1)}$'],
  ['a formula with a picture', '$\\includegraphics{https://evil.example/x.png}$'],
  ['a formula with html', '$\\htmlData{x=1}{y} \\htmlStyle{position:fixed}{z}$'],
  ['a formula that never ends', '$\\def\\a{\\a\\a}\\a$'],
  ['a table cell with html', '| a |\n| - |\n| <img src=x onerror=alert(1)> |'],
  ['a comment that hides a tag', '<!-- --><script>alert(1)</script>'],
] as const;

describe('an answer', () => {
  it.each(ATTACKS)('makes %s harmless', (_, markdown) => {
    const html = draw(markdown);
    const foreign = html.replaceAll(OWN_BUTTON, '<span');
    expect(foreign.replaceAll(/"[^"]*"/g, '""')).not.toMatch(ACTIVE);
    expect(html).not.toMatch(BAD_ADDRESS);
    expect(html).not.toMatch(/style="[^"]*position\s*:\s*fixed/);
    expect(html).not.toContain('evil.example/x.png"');
  });

  it('shows raw HTML as the text that it is', () => {
    expect(draw('a <b>x</b>')).toBe('<p>a &lt;b&gt;x&lt;/b&gt;</p>');
    expect(draw('<div>\nx\n</div>')).toBe('<p>&lt;div&gt;\nx\n&lt;/div&gt;</p>');
    expect(draw('| a |\n| - |\n| x<br>y |')).toContain('x<br/>\ny');
  });

  it('opens links elsewhere and tells nobody where from', () => {
    expect(draw('[x](https://a.example/p?q=1)')).toContain(
      '<a href="https://a.example/p?q=1" target="_blank" rel="noopener noreferrer nofollow">x</a>',
    );
    expect(draw('[x](/settings)')).toBe('<p><span>x</span></p>');
  });

  it('keeps what answers are made of', () => {
    const html = draw(
      '# T\n\n- [x] done\n\n| a | b |\n| - | -: |\n| 1 | 2 |\n\n~~old~~ **new** `code` $x^2$ a[^1]\n\n[^1]: n',
    );
    for (const part of [
      '<h1>',
      'type="checkbox"',
      '<td',
      'text-align:right',
      '<del>',
      '<strong>',
      '<code>',
      'katex',
      '<sup>',
      'data-footnotes',
    ]) {
      expect(html).toContain(part);
    }
  });
});

describe('addresses', () => {
  it.each([
    ['https://a.example/', 'https://a.example/'],
    ['http://a.example/', 'http://a.example/'],
    ['mailto:a@b.example', 'mailto:a@b.example'],
    ['//a.example', undefined],
    ['/relative', undefined],
    ['javascript:alert(1)', undefined],
    [' javascript:alert(1)', undefined],
    ['', undefined],
  ])('of a link: %j', (url, safe) => {
    expect(safeLink(url)).toBe(safe);
  });

  it.each([
    ['https://a.example/x.png', 'https://a.example/x.png'],
    ['data:image/png;base64,AAAA', 'data:image/png;base64,AAAA'],
    ['http://a.example/x.png', undefined],
    ['data:image/svg+xml;base64,AAAA', undefined],
    ['data:text/html,x', undefined],
    ['blob:https://a.example/1', undefined],
  ])('of a picture: %j', (url, safe) => {
    expect(safeImage(url)).toBe(safe);
  });
});
