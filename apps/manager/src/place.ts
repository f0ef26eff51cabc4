import type { Slots } from './slots.ts';

/** The place of one run among those that work at once. */
export interface Place {
  /** Gives it back while the run waits for somebody. */
  leave(): void;
  /** Takes it again, before those that have not begun; `onWait` is called when there is none at the moment. */
  take(options: { signal: AbortSignal; onWait?: () => void }): Promise<void>;
  /** Resolves when it was given back for the first time. */
  readonly left: Promise<void>;
}

/** The place that a run has just got. */
export function createPlace(slots: Slots): Place {
  const left = Promise.withResolvers<void>();
  let has = true;
  return {
    left: left.promise,
    leave() {
      if (!has) return;
      has = false;
      slots.leave();
      left.resolve();
    },
    async take({ signal, onWait }) {
      if (has) return;
      if (slots.isFull()) onWait?.();
      await slots.take({ signal, back: true });
      has = true;
    },
  };
}
