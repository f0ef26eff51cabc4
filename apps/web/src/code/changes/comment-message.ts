/** A comment on a line of the changes, not sent yet. */
export interface LineComment {
  id: string;
  path: string;
  /** Which text the number counts in: as it was, or as it is now. */
  side: 'old' | 'new';
  line: number;
  /** The line itself. */
  code: string;
  text: string;
}

/** Comments and the message that goes with them as one Markdown text: path and line, the line, what was said about it. */
export function composeReview(comments: readonly LineComment[], message: string): string {
  if (comments.length === 0) return message;
  const entries = comments.toSorted(byPlace).map((comment, index) => entry(comment, index + 1));
  return [...(message.trim() === '' ? [] : [message.trim()]), 'Comments on the changes:', ...entries].join(
    '\n\n',
  );
}

function entry({ path, side, line, code, text }: LineComment, number: number): string {
  const place = inCode(`${oneLine(path)}:${line}`);
  const marker = `${number}. `;
  const indent = ' '.repeat(marker.length);
  const said = text.trim().split('\n').join(`\n${indent}`);
  const quoted = code.trim() === '' ? '' : `\n${indent}> ${inCode(code.trim())}`;
  return `${marker}${place}${side === 'old' ? ' (removed line)' : ''}${quoted}\n\n${indent}${said}`;
}

/** Text as inline code, with a fence that is longer than any inside it. */
function inCode(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  const space = longest > 0 ? ' ' : '';
  return `${fence}${space}${text}${space}${fence}`;
}

// A name with a line break in it must not begin a line of its own.
function oneLine(text: string): string {
  return text.replaceAll(/[\r\n]+/g, ' ');
}

function byPlace(left: LineComment, right: LineComment): number {
  return left.path === right.path ? left.line - right.line : left.path < right.path ? -1 : 1;
}
