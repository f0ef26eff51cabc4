import type { TaskSession, TaskView } from '@wegent/client';
import { useEffect } from 'react';
import { useVisible } from '../tasks/use-visible.ts';

/** Several things that happen at once are seen at once. */
const SETTLE_MS = 300;

/** Tells the server that the person has seen the task: when it is opened, when something comes in, when they come back. */
export function useMarkRead(session: TaskSession, { task, messages }: TaskView): void {
  const visible = useVisible();
  const { unread = false, updatedAt } = task;
  const count = messages.length;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the others say that there is something new to see.
  useEffect(() => {
    if (!visible) return;
    // It only clears a dot; after a failure the next chance comes with the next change.
    const timer = setTimeout(() => session.markRead().catch(() => undefined), SETTLE_MS);
    return () => clearTimeout(timer);
  }, [session, visible, unread, updatedAt, count]);
}
