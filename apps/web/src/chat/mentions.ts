/** An `@…` that is being written before the caret. */
export interface MentionDraft {
  /** Where its `@` is. */
  start: number;
  /** What is written after the `@` so far. */
  query: string;
}

/** The mention that the caret stands in; undefined when there is none. */
export function mentionAt(text: string, caret: number): MentionDraft | undefined {
  const match = /(?:^|[^\p{L}\p{N}_])@([\p{L}\p{N}_.-]*)$/u.exec(text.slice(0, caret));
  if (!match) return undefined;
  const query = match[1] ?? '';
  return { start: caret - query.length - 1, query };
}

/** Puts a name where the mention is; the caret goes behind it. */
export function completeMention(
  text: string,
  { start, query }: MentionDraft,
  name: string,
): { text: string; caret: number } {
  const after = text.slice(start + 1 + query.length);
  const inserted = `@${name}${after.startsWith(' ') ? '' : ' '}`;
  return { text: text.slice(0, start) + inserted + after, caret: start + name.length + 2 };
}
