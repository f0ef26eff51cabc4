import type { TaskItem } from '@wegent/api';
import { applyToTaskList, type ServerSignal, type TaskPage } from '@wegent/client';

/**
 * Applies an event of the server to the loaded pages of a list. The pages keep their sizes, so that the next one is
 * still asked for from where the last one ends; what is new comes into the first. The same array when nothing changed.
 */
export function applyToPages(pages: readonly TaskPage[], signal: ServerSignal): readonly TaskPage[] {
  const before = pages.flatMap(({ items }) => items);
  const after = applyToTaskList(before, signal);
  if (after === before) return pages;
  let rest = after.length;
  return pages
    .toReversed()
    .map((page, index) => {
      const end = rest;
      rest = index === pages.length - 1 ? 0 : Math.max(0, rest - page.items.length);
      return { ...page, items: after.slice(rest, end) };
    })
    .toReversed();
}

/** How many tasks want to be looked at: an agent waits for an answer, or something new has not been seen. */
export function countAttention(tasks: readonly TaskItem[], seenTaskId: string | null): number {
  return tasks.filter(
    ({ taskId, phase, unread }) => phase === 'WaitingForInput' || (unread === true && taskId !== seenTaskId),
  ).length;
}
