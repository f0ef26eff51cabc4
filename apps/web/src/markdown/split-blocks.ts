/** A top-level piece of a Markdown text. */
export type MarkdownBlock =
  | { kind: 'prose'; text: string }
  /** A fenced code block; `closed` once its last fence is there. */
  | { kind: 'code'; text: string; language: string; code: string; closed: boolean };

/** A text in its blocks; give it back to `splitBlocks` when the text has grown. */
export interface SplitText {
  text: string;
  blocks: readonly MarkdownBlock[];
}

const FENCE = /^( {0,3})(`{3,}|~{3,})[ \t]*([^`\n]*)$/;
const LIST_ITEM = /^ {0,3}(?:[-*+]|\d{1,9}[.)])(?:[ \t]|$)/;
const DEFINITION = /^ {0,3}\[[^\]\n]+\]:/m;

/**
 * Splits Markdown where one block cannot change another, so that only the block that grows is drawn again.
 * With the split of a shorter beginning as `previous`, only the last two blocks are read again, and blocks that
 * stay the same keep their identity. A text with link definitions or footnotes stays whole: they work across blocks.
 */
export function splitBlocks(text: string, previous?: SplitText): SplitText {
  if (previous?.text === text) return previous;
  if (DEFINITION.test(text)) return { text, blocks: [{ kind: 'prose', text }] };
  // A line that is still being written may yet join the block before it, as the next item of a list does.
  const kept = previous && text.startsWith(previous.text) ? previous.blocks.slice(0, -2) : [];
  const start = kept.reduce((length, block) => length + block.text.length, 0);
  const read = scan(text.slice(start)).map((block, index) => {
    const before = previous?.blocks[kept.length + index];
    return before && before.text === block.text && before.kind === block.kind ? before : block;
  });
  return { text, blocks: [...kept, ...read] };
}

// The texts of all blocks together are the text: each keeps its line breaks and the blank lines after it.
function scan(text: string): MarkdownBlock[] {
  const blocks: MarkdownBlock[] = [];
  let lines: string[] = [];
  let list = false;
  let math = false;
  let blank = false;
  let fence: { marker: string; nested: boolean } | undefined;

  function finish(): void {
    const block = lines.join('');
    if (block !== '') blocks.push(toBlock(block));
    lines = [];
    list = false;
  }

  for (const line of text.split(/(?<=\n)/)) {
    const content = line.trimEnd();
    const afterBlank = blank;
    blank = content === '';
    if (blank) {
      lines.push(line);
    } else if (fence) {
      lines.push(line);
      if (!closes(content.trimStart(), fence.marker)) continue;
      if (!fence.nested) finish();
      fence = undefined;
    } else if (math) {
      lines.push(line);
      math = !(content.endsWith('$$') || content.endsWith('\\]'));
    } else {
      const nested = list && /^\s/.test(line);
      const opening = FENCE.exec(nested ? content.trimStart() : content);
      if ((opening && !nested) || (afterBlank && !continues(list, line))) finish();
      if (lines.every((earlier) => earlier.trim() === '')) list = LIST_ITEM.test(line);
      lines.push(line);
      if (opening) fence = { marker: opening[2] ?? '```', nested };
      else math = opensMath(content.trim());
    }
  }
  finish();
  return blocks;
}

function toBlock(text: string): MarkdownBlock {
  const firstEnd = text.indexOf('\n');
  const first = (firstEnd === -1 ? text : text.slice(0, firstEnd)).trimEnd();
  const opening = FENCE.exec(first);
  if (!opening) return { kind: 'prose', text };
  const body = firstEnd === -1 ? '' : text.slice(firstEnd + 1);
  const trimmed = body.trimEnd();
  const lastStart = trimmed.lastIndexOf('\n') + 1;
  const closed = closes(trimmed.slice(lastStart).trim(), opening[2] ?? '```');
  const code = closed ? body.slice(0, lastStart) : body;
  const indent = opening[1]?.length ?? 0;
  return {
    kind: 'code',
    text,
    language: (opening[3] ?? '').trim().split(/\s+/)[0] ?? '',
    code: (indent === 0 ? code : code.replaceAll(new RegExp(`^ {1,${indent}}`, 'gm'), '')).replace(/\n$/, ''),
    closed,
  };
}

function closes(line: string, marker: string): boolean {
  const sign = marker.charAt(0);
  return line.length >= marker.length && line === sign.repeat(line.length);
}

function opensMath(line: string): boolean {
  if (line.startsWith('$$')) return line.length < 4 || !line.endsWith('$$');
  return line.startsWith('\\[') && !line.endsWith('\\]');
}

// After a blank line, a list goes on with more items and with whatever is indented below them.
function continues(list: boolean, line: string): boolean {
  return list ? LIST_ITEM.test(line) || /^(?: {2}|\t)/.test(line) : /^(?: {4}|\t)/.test(line);
}
