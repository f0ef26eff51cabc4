const CODE_SPAN = /(`+)(?!`)[\s\S]*?[^`]\1(?!`)/g;

/**
 * Brings the ways in which models write formulas into the one that the parser knows: `\(…\)` becomes `$…$` and
 * `\[…\]` a `$$` block. A dollar sign that opens no formula, as in “$5 and $10”, is escaped. Code stays as it is.
 */
export function prepareMath(markdown: string): string {
  if (!/\$|\\[([]/.test(markdown)) return markdown;
  let result = '';
  let at = 0;
  for (const span of markdown.matchAll(CODE_SPAN)) {
    result += prepareProse(markdown.slice(at, span.index)) + span[0];
    at = span.index + span[0].length;
  }
  return result + prepareProse(markdown.slice(at));
}

/** May a text hold a formula? Decides whether the renderer for formulas has to be loaded. */
export function mayHoldMath(markdown: string): boolean {
  return /(?<!\\)\$/.test(markdown);
}

function prepareProse(text: string): string {
  const unified = text
    .replaceAll(/\\\[([\s\S]+?)\\\]/g, (_, formula: string) => `\n$$\n${formula.trim()}\n$$\n`)
    .replaceAll(/\\\((.+?)\\\)/g, (_, formula: string) => `$${formula.trim()}$`);
  return unified
    .split(/(\$\$[\s\S]*?\$\$)/)
    .map((part, index) => (index % 2 === 1 ? part : escapeDollars(part)))
    .join('');
}

// The rule of Pandoc: a formula has no space inside its dollars and no digit after the closing one.
function escapeDollars(text: string): string {
  const formulas = /(?<![\\$])\$(?=[^\s$])((?:\\.|[^$\n\\])*?[^\s\\])?\$(?![\d$])/g;
  let result = '';
  let at = 0;
  for (const formula of text.matchAll(formulas)) {
    if (formula[1] === undefined) continue;
    result += escapeAll(text.slice(at, formula.index)) + formula[0];
    at = formula.index + formula[0].length;
  }
  return result + escapeAll(text.slice(at));
}

// Two dollars in a row begin a block that is still being written.
function escapeAll(text: string): string {
  return text.replaceAll(/(?<![\\$])\$(?!\$)/g, '\\$');
}
