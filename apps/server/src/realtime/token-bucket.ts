/** Allows so many actions a second, and a burst of more at once. */
export function createTokenBucket({
  perSecond,
  burst,
  now = Date.now,
}: {
  perSecond: number;
  burst: number;
  now?: () => number;
}) {
  let tokens = burst;
  let filledAt = now();
  return {
    /** Takes one token; false when there is none. */
    take(): boolean {
      const at = now();
      tokens = Math.min(burst, tokens + ((at - filledAt) / 1000) * perSecond);
      filledAt = at;
      if (tokens < 1) return false;
      tokens -= 1;
      return true;
    },
  };
}
