const BURST = 100;
const PER_SECOND = 2;
const MAX_LINE = 500;

/** Passes lines on, a hundred at once and then two a second; the next one says how many were left out. */
export function limitLines(write: (line: string) => void, now: () => number = Date.now) {
  let left = BURST;
  let since = now();
  let skipped = 0;
  return (line: string): void => {
    const at = now();
    left = Math.min(BURST, left + ((at - since) / 1000) * PER_SECOND);
    since = at;
    if (left < 1) {
      skipped++;
      return;
    }
    left--;
    const clean = [...line].map((letter) => (letter < ' ' || letter === '\x7f' ? '?' : letter)).join('');
    write(skipped > 0 ? `(${skipped} lines left out) ${clean.slice(0, MAX_LINE)}` : clean.slice(0, MAX_LINE));
    skipped = 0;
  };
}
