import { CommandError, EXIT } from '../failure.ts';

const DURATION = /^(?:(\d+)h)?(?:(\d+)m)?(?:(\d+)s?)?$/;

/** Reads `90`, `90s`, `5m` or `1h30m` as seconds; more than nothing, a day at most. */
export function readSeconds(word: string): number {
  const [, hours = '0', minutes = '0', seconds = '0'] = DURATION.exec(word) ?? [];
  const total = Number(hours) * 3600 + Number(minutes) * 60 + Number(seconds);
  if (total > 0 && total <= 86_400) return total;
  throw new CommandError(`"${word}" is no duration; expected something like 90s, 5m or 1h30m`, EXIT.usage);
}
