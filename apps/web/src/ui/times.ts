import type { Language } from '../i18n/i18n.ts';

const STEPS: readonly [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
];

/** “5 minutes ago”, “in 3 days”; under a minute is “now”. `now` is in milliseconds. */
export function relativeTime({ at, now, language }: { at: string; now: number; language: Language }): string {
  const format = new Intl.RelativeTimeFormat(localeOf(language), { numeric: 'auto' });
  const seconds = Math.round((Date.parse(at) - now) / 1000);
  const [unit, size] = STEPS.find(([, length]) => Math.abs(seconds) >= length) ?? [
    'second',
    Number.POSITIVE_INFINITY,
  ];
  return format.format(Math.trunc(seconds / size), unit);
}

/** Date and time to the second in the reader's zone. */
export function exactTime(at: string, language: Language): string {
  return new Intl.DateTimeFormat(localeOf(language), { dateStyle: 'medium', timeStyle: 'medium' }).format(
    new Date(at),
  );
}

function localeOf(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en';
}
