import { useMemo, useState } from 'react';
import type { DiffLine } from '../../diff/parse-patch.ts';
import type { LineNotes } from '../../diff/split-lines.tsx';
import { CommentBox } from './comment-box.tsx';
import { LineCommentView } from './line-comments.tsx';
import { useReview } from './review-context.tsx';

/** Comments on the lines of a file, and the one that is being written. */
export function useLineNotes(path: string): LineNotes {
  const { comments, add } = useReview();
  const [writing, setWriting] = useState<string>();
  const own = useMemo(() => comments.filter((comment) => comment.path === path), [comments, path]);
  return useMemo<LineNotes>(
    () => ({
      onPick: (line) => setWriting(keyOf(placeOf(line))),
      below: (line) => {
        const place = placeOf(line);
        const here = own.filter((comment) => keyOf(comment) === keyOf(place));
        const open = writing === keyOf(place);
        if (here.length === 0 && !open) return null;
        return (
          <>
            {here.map((comment) => (
              <LineCommentView key={comment.id} comment={comment} />
            ))}
            {open && (
              <CommentBox
                onCancel={() => setWriting(undefined)}
                onSave={(text) => {
                  add({ path, ...place, code: line.text, text });
                  setWriting(undefined);
                }}
              />
            )}
          </>
        );
      },
    }),
    [own, writing, add, path],
  );
}

function placeOf({ type, oldLine = 0, newLine = 0 }: DiffLine): { side: 'old' | 'new'; line: number } {
  return type === 'delete' ? { side: 'old', line: oldLine } : { side: 'new', line: newLine };
}

function keyOf({ side, line }: { side: 'old' | 'new'; line: number }): string {
  return `${side}:${line}`;
}
