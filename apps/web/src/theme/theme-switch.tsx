import { DesktopOutlined, MoonOutlined, SunOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useTranslation } from 'react-i18next';
import { usePreferences } from '../session/use-preferences.ts';
import { useAppearance } from './appearance-provider.tsx';

const NEXT = { light: 'dark', dark: 'system', system: 'light' } as const;
const ICONS = { light: <SunOutlined />, dark: <MoonOutlined />, system: <DesktopOutlined /> };

/** Goes through light, dark and system. */
export function ThemeSwitch() {
  const { t } = useTranslation();
  const { theme } = useAppearance().appearance;
  const { save } = usePreferences();
  const next = NEXT[theme];
  const label = t('theme.switchTo', { current: t(`theme.${theme}`), next: t(`theme.${next}`) });
  return (
    <Tooltip title={label}>
      <Button
        type="text"
        data-testid="theme-switch"
        icon={ICONS[theme]}
        aria-label={label}
        onClick={() => void save({ theme: next })}
      />
    </Tooltip>
  );
}
