import { Segmented } from 'antd';
import { type ReactNode, useId } from 'react';
import { useTranslation } from 'react-i18next';
import { LANGUAGES } from '../i18n/i18n.ts';
import { usePreferences } from '../session/use-preferences.ts';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { SettingsPage } from './settings-page.tsx';

const THEMES = ['light', 'dark', 'system'] as const;
const DENSITIES = ['comfortable', 'compact'] as const;

/** Theme, language and density; each change shows at once. */
export function AppearancePage() {
  const { t } = useTranslation('settings');
  const { theme, language, density } = useAppearance().appearance;
  const { save } = usePreferences();
  return (
    <SettingsPage section="appearance">
      <div className="divide-y divide-line">
        <Choice label={t('appearance.theme')} hint={t('appearance.themeHint')}>
          {(label) => (
            <Segmented
              {...label}
              value={theme}
              options={THEMES.map((value) => ({ value, label: t(`theme.${value}`, { ns: 'common' }) }))}
              onChange={(value) => void save({ theme: value })}
            />
          )}
        </Choice>
        <Choice label={t('appearance.language')} hint={t('appearance.languageHint')}>
          {(label) => (
            <Segmented
              {...label}
              value={language}
              options={LANGUAGES.map((value) => ({ value, label: t(`language.${value}`, { ns: 'common' }) }))}
              onChange={(value) => void save({ language: value })}
            />
          )}
        </Choice>
        <Choice label={t('appearance.density')} hint={t('appearance.densityHint')}>
          {(label) => (
            <Segmented
              {...label}
              value={density}
              options={DENSITIES.map((value) => ({ value, label: t(`appearance.${value}`) }))}
              onChange={(value) => void save({ density: value })}
            />
          )}
        </Choice>
      </div>
    </SettingsPage>
  );
}

interface ChoiceProps {
  label: string;
  hint: string;
  children: (label: { 'aria-labelledby': string; 'aria-describedby': string }) => ReactNode;
}

function Choice({ label, hint, children }: ChoiceProps) {
  const id = useId();
  return (
    <div className="flex flex-wrap items-center justify-between gap-x-8 gap-y-3 py-5 first:pt-0">
      <div className="max-w-md">
        <p id={`${id}-label`} className="font-medium">
          {label}
        </p>
        <p id={`${id}-hint`} className="text-[14px] leading-[22px] text-muted">
          {hint}
        </p>
      </div>
      {children({ 'aria-labelledby': `${id}-label`, 'aria-describedby': `${id}-hint` })}
    </div>
  );
}
