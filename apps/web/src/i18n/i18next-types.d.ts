import 'i18next';
import type { resources } from './resources.ts';

// Makes `t('…')` refuse keys that do not exist.
declare module 'i18next' {
  interface CustomTypeOptions {
    defaultNS: 'common';
    resources: (typeof resources)['en'];
  }
}
