import type { TaskItem } from '@wegent/api';
import type { TaskSession } from '@wegent/client';
import { useEffect, useSyncExternalStore } from 'react';

/** Tells the server that the person has seen the task: when it is opened, when an answer ends, when they come back to it. */
export function useMarkRead({
  session,
  task,
  busy,
}: {
  session: TaskSession;
  task: TaskItem;
  busy: boolean;
}): void {
  const visible = useSyncExternalStore(subscribe, isVisible);
  const unread = task.unread ?? false;
  // biome-ignore lint/correctness/useExhaustiveDependencies: `busy` and `unread` say that there is something new to see.
  useEffect(() => {
    if (!visible) return;
    // It only clears a dot; the next chance comes with the next change.
    session.markRead().catch(() => undefined);
  }, [session, visible, busy, unread]);
}

function subscribe(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}
