import { useMemo } from 'react';
import type { CodeToken } from '../markdown/highlighter.ts';
import { useHighlight } from '../markdown/use-highlight.ts';
import type { DiffLine, FilePatch } from './parse-patch.ts';

/** The colours of the lines of a patch, each side coloured as the text that it is; none until they are there. */
export function useLineTokens(
  patch: FilePatch,
  language: string,
): (line: DiffLine) => CodeToken[] | undefined {
  const { before, after } = useMemo(() => {
    const lines = patch.hunks.flatMap((hunk) => hunk.lines);
    return {
      before: lines.filter(({ type }) => type === 'delete' || type === 'context'),
      after: lines.filter(({ type }) => type === 'add' || type === 'context'),
    };
  }, [patch]);
  const oldTokens = useHighlight({ language, code: textOf(before), enabled: true });
  const newTokens = useHighlight({ language, code: textOf(after), enabled: true });
  const tokens = useMemo(() => {
    const found = new Map<DiffLine, CodeToken[] | undefined>();
    before.forEach((line, index) => void found.set(line, oldTokens?.[index]));
    after.forEach((line, index) => void found.set(line, newTokens?.[index]));
    return found;
  }, [before, after, oldTokens, newTokens]);
  return (line) => tokens.get(line);
}

function textOf(lines: readonly DiffLine[]): string {
  return lines.map(({ text }) => text).join('\n');
}
