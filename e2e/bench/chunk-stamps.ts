import type { ExecutionEvent } from '@wegent/api';

/** The times that the model server wrote in place of words, out of the deltas of a `chat:chunk`. */
export function stampsOf(events: readonly ExecutionEvent[]): number[] {
  return events.flatMap((event) =>
    event.type === 'text-delta' ? event.text.split(' ').filter(Boolean).map(Number) : [],
  );
}
