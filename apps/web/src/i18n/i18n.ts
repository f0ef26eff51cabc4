import { createInstance } from 'i18next';
import { initReactI18next } from 'react-i18next';
import { resources } from './resources.ts';

/** A language of the interface. */
export type Language = keyof typeof resources;

/** The languages in the order of the switch. */
export const LANGUAGES: readonly Language[] = ['en', 'zh'];

/** The i18next instance of the page, with all words loaded. */
export function createI18n(language: Language) {
  const i18n = createInstance();
  void i18n.use(initReactI18next).init({
    lng: language,
    fallbackLng: 'en',
    defaultNS: 'common',
    ns: Object.keys(resources.en),
    resources,
    interpolation: { escapeValue: false },
    initAsync: false,
  });
  return i18n;
}

/** The first of the browser's languages that the interface speaks. */
export function browserLanguage(tags: readonly string[]): Language {
  const match = tags.map((tag) => tag.toLowerCase().slice(0, 2)).find((tag) => tag === 'zh' || tag === 'en');
  return match === 'zh' ? 'zh' : 'en';
}
