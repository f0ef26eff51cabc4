const SECOND = 1_000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const YEAR = 365 * DAY;

/** How long ago it was, as tables write it: `45s`, `5m30s`, `3h`, `2d4h`, `3y40d`. */
export function ageOf(timestamp: unknown, now: number): string {
  const at = typeof timestamp === 'string' ? Date.parse(timestamp) : Number.NaN;
  if (Number.isNaN(at)) return '<unknown>';
  return shortDuration(now - at);
}

/** A duration in at most two units, coarser the longer it is. */
export function shortDuration(milliseconds: number): string {
  const whole = (unit: number) => Math.floor(milliseconds / unit);
  if (milliseconds <= -2 * SECOND) return '<invalid>';
  if (milliseconds < 0) return '0s';
  if (milliseconds < 2 * MINUTE) return `${whole(SECOND)}s`;
  if (milliseconds < 10 * MINUTE) return two(whole(MINUTE), 'm', whole(SECOND) % 60, 's');
  if (milliseconds < 3 * HOUR) return `${whole(MINUTE)}m`;
  if (milliseconds < 8 * HOUR) return two(whole(HOUR), 'h', whole(MINUTE) % 60, 'm');
  if (milliseconds < 2 * DAY) return `${whole(HOUR)}h`;
  if (milliseconds < 8 * DAY) return two(whole(DAY), 'd', whole(HOUR) % 24, 'h');
  if (milliseconds < 2 * YEAR) return `${whole(DAY)}d`;
  if (milliseconds < 8 * YEAR) return two(whole(YEAR), 'y', whole(DAY) % 365, 'd');
  return `${whole(YEAR)}y`;
}

function two(large: number, largeUnit: string, small: number, smallUnit: string): string {
  return small === 0 ? `${large}${largeUnit}` : `${large}${largeUnit}${small}${smallUnit}`;
}
