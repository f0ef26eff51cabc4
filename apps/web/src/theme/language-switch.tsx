import { Button, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../session/use-preferences.ts';
import { useAppearance } from './appearance-provider.tsx';

/** Switches between English and Chinese; shows the language it switches to, in that language. */
export function LanguageSwitch() {
  const { t } = useTranslation();
  const { language } = useAppearance().appearance;
  const { save } = usePreferences();
  const next = language === 'zh' ? 'en' : 'zh';
  const label = t('language.switchTo', { language: t(`language.${next}`) });
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        data-testid="language-switch"
        onClick={() => void save({ language: next })}
        style={{ paddingInline: 8, minWidth: 36 }}
      >
        <span className="sr-only">{label}</span>
        <span aria-hidden="true">{next === 'zh' ? '中' : 'EN'}</span>
      </Button>
    </Tooltip>
  );
}
