import type { Language } from '../i18n/i18n.ts';

/** A number of tokens: whole below ten thousand, then in thousands or millions. */
export function countText(count: number, language: Language): string {
  const compact = count >= 10_000;
  return new Intl.NumberFormat(localeOf(language), {
    ...(compact ? { notation: 'compact', maximumFractionDigits: 1 } : {}),
  }).format(count);
}

/** A cost in US dollars with two significant digits. */
export function costText(usd: number, language: Language): string {
  const exact = usd >= 1 || usd === 0;
  return new Intl.NumberFormat(localeOf(language), {
    style: 'currency',
    currency: 'USD',
    currencyDisplay: 'narrowSymbol',
    ...(exact ? {} : { maximumSignificantDigits: 2, minimumFractionDigits: 0 }),
  }).format(usd);
}

function localeOf(language: Language): string {
  return language === 'zh' ? 'zh-CN' : 'en';
}
