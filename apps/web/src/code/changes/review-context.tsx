import { createContext, type ReactNode, use, useCallback, useMemo, useState } from 'react';
import { z } from 'zod';
import type { LineComment } from './comment-message.ts';

/** Comments that wait for the next message. */
export interface Review {
  comments: readonly LineComment[];
  add(comment: Omit<LineComment, 'id'>): void;
  edit(id: string, text: string): void;
  remove(id: string): void;
  clear(): void;
}

const Stored = z.array(
  z.object({
    id: z.string(),
    path: z.string(),
    side: z.enum(['old', 'new']),
    line: z.number(),
    code: z.string(),
    text: z.string(),
  }),
);

const Context = createContext<Review | undefined>(undefined);

/** Keeps the comments on the changes of a task until they are sent or the browser tab is closed. */
export function ReviewProvider({ taskId, children }: { taskId: string; children: ReactNode }) {
  const key = `wegent.review.${taskId}`;
  const [comments, setComments] = useState<readonly LineComment[]>(() => read(key));
  const change = useCallback(
    (edit: (all: readonly LineComment[]) => readonly LineComment[]) =>
      setComments((all) => {
        const next = edit(all);
        write(key, next);
        return next;
      }),
    [key],
  );
  const review = useMemo<Review>(
    () => ({
      comments,
      add: (comment) => change((all) => [...all, { ...comment, id: `${Date.now()}-${all.length}` }]),
      edit: (id, text) =>
        change((all) => all.map((comment) => (comment.id === id ? { ...comment, text } : comment))),
      remove: (id) => change((all) => all.filter((comment) => comment.id !== id)),
      clear: () => change(() => []),
    }),
    [comments, change],
  );
  return <Context value={review}>{children}</Context>;
}

/** The comments of the task around this part. */
export function useReview(): Review {
  const review = use(Context);
  if (!review) throw new Error('useReview needs a ReviewProvider above it');
  return review;
}

function read(key: string): readonly LineComment[] {
  try {
    return Stored.safeParse(JSON.parse(sessionStorage.getItem(key) ?? '[]')).data ?? [];
  } catch {
    return [];
  }
}

function write(key: string, comments: readonly LineComment[]): void {
  try {
    if (comments.length === 0) sessionStorage.removeItem(key);
    else sessionStorage.setItem(key, JSON.stringify(comments));
  } catch {
    // Storage may be blocked or full; the comments are still on the page.
  }
}
