import { createHighlighterCore } from 'shiki/core';
import { createJavaScriptRegexEngine } from 'shiki/engine/javascript';
import { LANGUAGE_ALIASES, LANGUAGES } from './languages.ts';

/** A piece of a line in its colours, one for each theme. */
export interface CodeToken {
  text: string;
  style: Record<string, string>;
}

const THEMES = { light: 'github-light-default', dark: 'github-dark-default' } as const;
/** Longer code stays plain: colouring it would stop the page. */
const MAX_CHARACTERS = 60_000;

// Regular expressions of the browser: no WebAssembly to load and to allow.
const core = createHighlighterCore({
  themes: [import('shiki/themes/github-light-default.mjs'), import('shiki/themes/github-dark-default.mjs')],
  langs: [],
  engine: createJavaScriptRegexEngine({ forgiving: true }),
});

/** Colours code, line by line; undefined for languages that are not known and for code that is too long. */
export async function highlight(language: string, code: string): Promise<CodeToken[][] | undefined> {
  const name = language.toLowerCase();
  const known = LANGUAGE_ALIASES[name] ?? name;
  const load = LANGUAGES[known];
  if (!load || code.length > MAX_CHARACTERS) return undefined;
  const highlighter = await core;
  await highlighter.loadLanguage(load);
  const { tokens } = highlighter.codeToTokens(code, { lang: known, themes: THEMES, defaultColor: false });
  return tokens.map((line) =>
    line.map(({ content, htmlStyle = {} }) => ({ text: content, style: htmlStyle })),
  );
}
