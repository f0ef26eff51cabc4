/** Places for work: so many at once, the others wait in the order they came. */
export function createSlots({ total, onChange = () => {} }: { total: number; onChange?: () => void }) {
  let used = 0;
  const waiting: (() => void)[] = [];

  async function take(): Promise<void> {
    if (used < total) {
      used++;
      return;
    }
    // Whoever leaves hands its place over, so `used` does not change.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next) next();
    else used--;
  }

  return {
    used: () => used,

    /** Does the work as soon as there is a place; not at all when the signal is aborted by then. */
    async run(signal: AbortSignal, work: () => Promise<void>): Promise<void> {
      await take();
      onChange();
      try {
        if (!signal.aborted) await work();
      } finally {
        leave();
        onChange();
      }
    },
  };
}
