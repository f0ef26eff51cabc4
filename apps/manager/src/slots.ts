/** Places for work, see `createSlots`. */
export type Slots = ReturnType<typeof createSlots>;

/** Places for work: so many at once, the others wait in the order they came. */
export function createSlots({ total, onChange = () => {} }: { total: number; onChange?: () => void }) {
  let used = 0;
  /** Those who had a place before go first. */
  const lines: Record<'back' | 'new', (() => void)[]> = { back: [], new: [] };

  function leave(): void {
    const next = used > total ? undefined : (lines.back.shift() ?? lines.new.shift());
    // Whoever leaves hands its place over, so `used` does not change.
    if (next) next();
    else used--;
    onChange();
  }

  return {
    used: () => used,

    /** Is every place taken? */
    isFull: () => used >= total,

    /** Waits for a place; rejects with the reason of the signal when that comes first. `back`: it had one before. */
    async take({ signal, back = false }: { signal: AbortSignal; back?: boolean }): Promise<void> {
      signal.throwIfAborted();
      if (used >= total) await turnIn(lines[back ? 'back' : 'new'], signal);
      else used++;
      onChange();
    },

    /** Takes a place at once, for what is at work already; there may be one more than should be. */
    force(): void {
      used++;
      onChange();
    },

    leave,
  };
}

function turnIn(line: (() => void)[], signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const onAbort = () => {
      line.splice(line.indexOf(go), 1);
      reject(signal.reason);
    };
    const go = () => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    };
    signal.addEventListener('abort', onAbort, { once: true });
    line.push(go);
  });
}
