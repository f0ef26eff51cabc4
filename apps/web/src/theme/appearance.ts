import { browserLanguage, LANGUAGES, type Language } from '../i18n/i18n.ts';
import type { Density, Mode } from './tokens.ts';

/** What a person chose about the look. */
export interface Appearance {
  theme: Mode | 'system';
  language: Language;
  density: Density;
}

const STORAGE_KEY = 'wegent.appearance';

/**
 * Reads choices out of anything: the server's preferences or the browser's copy.
 * What is missing or unknown is left out.
 */
export function readAppearance(source: unknown): Partial<Appearance> {
  if (typeof source !== 'object' || source === null) return {};
  const { theme, language, density } = source as Record<string, unknown>;
  return {
    ...(theme === 'light' || theme === 'dark' || theme === 'system' ? { theme } : {}),
    ...(isLanguage(language) ? { language } : {}),
    ...(density === 'comfortable' || density === 'compact' ? { density } : {}),
  };
}

/** The look before anybody has signed in: the browser's copy of the last choice, else the browser's language. */
export function initialAppearance(): Appearance {
  return {
    theme: 'system',
    language: browserLanguage(navigator.languages),
    density: 'comfortable',
    ...storedAppearance(),
  };
}

/** Keeps explicit choices in the browser, only so that the next page load does not flash. */
export function storeAppearance(change: Partial<Appearance>): void {
  try {
    localStorage.setItem(STORAGE_KEY, JSON.stringify({ ...storedAppearance(), ...change }));
  } catch {
    // Storage may be blocked; the server keeps the real choice.
  }
}

function storedAppearance(): Partial<Appearance> {
  try {
    return readAppearance(JSON.parse(localStorage.getItem(STORAGE_KEY) ?? '{}'));
  } catch {
    return {};
  }
}

function isLanguage(value: unknown): value is Language {
  return LANGUAGES.some((language) => language === value);
}
