import type { Language } from '../i18n/i18n.ts';

const UNITS = ['kilobyte', 'megabyte', 'gigabyte'] as const;

/** “340 kB”: a size in bytes with its unit; nothing is smaller than 0.1 kB. */
export function fileSize(bytes: number, language: Language): string {
  const power = Math.min(UNITS.length, Math.max(1, Math.floor(Math.log10(Math.max(bytes, 1)) / 3)));
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en', {
    style: 'unit',
    unit: UNITS[power - 1] ?? 'kilobyte',
    unitDisplay: 'short',
    maximumFractionDigits: 1,
  }).format(Math.max(bytes / 1000 ** power, 0.1));
}
