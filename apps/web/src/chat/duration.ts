/** A length of time in the words that a language has for it. */
export type Duration =
  | { unit: 'seconds'; seconds: string }
  | { unit: 'minutes'; minutes: number; seconds: number }
  | { unit: 'hours'; hours: number; minutes: number };

/** Splits milliseconds for reading: tenths below ten seconds, then whole seconds, minutes, hours. */
export function splitDuration(ms: number): Duration {
  if (ms < 9950) return { unit: 'seconds', seconds: String(Math.max(0.1, Math.round(ms / 100) / 10)) };
  const seconds = Math.round(ms / 1000);
  if (seconds < 60) return { unit: 'seconds', seconds: String(seconds) };
  const minutes = Math.floor(seconds / 60);
  if (minutes < 60) return { unit: 'minutes', minutes, seconds: seconds % 60 };
  return { unit: 'hours', hours: Math.floor(minutes / 60), minutes: minutes % 60 };
}
