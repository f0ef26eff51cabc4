import { StyleProvider } from '@ant-design/cssinjs';
import { App, ConfigProvider } from 'antd';
import enUS from 'antd/locale/en_US';
import zhCN from 'antd/locale/zh_CN';
import { createContext, type ReactNode, use, useCallback, useLayoutEffect, useMemo, useState } from 'react';
import { I18nextProvider } from 'react-i18next';
import { createI18n } from '../i18n/i18n.ts';
import '../ui/silent-icons.ts';
import { antdTheme } from './antd-theme.ts';
import { type Appearance, initialAppearance, storeAppearance } from './appearance.ts';
import type { Mode } from './tokens.ts';
import { useMedia } from './use-media.ts';

interface AppearanceContext {
  /** What was chosen. */
  appearance: Appearance;
  /** What is painted: `system` resolved. */
  mode: Mode;
  /** Changes the look of this browser; `usePreferences` also keeps it with the account. */
  setAppearance(change: Partial<Appearance>): void;
}

const Context = createContext<AppearanceContext | undefined>(undefined);

/** Gives the tree its theme, density and language, and mirrors them on `<html>`. */
export function AppearanceProvider({ children }: { children: ReactNode }) {
  const [appearance, setState] = useState(initialAppearance);
  const [i18n] = useState(() => createI18n(appearance.language));
  const systemDark = useMedia('(prefers-color-scheme: dark)');
  const calm = useMedia('(prefers-reduced-motion: reduce)');
  const { theme, language, density } = appearance;
  const mode = theme === 'system' ? (systemDark ? 'dark' : 'light') : theme;

  const setAppearance = useCallback((change: Partial<Appearance>) => {
    storeAppearance(change);
    setState((current) => ({ ...current, ...change }));
  }, []);

  useLayoutEffect(() => {
    document.documentElement.dataset.theme = mode;
    document.documentElement.dataset.density = density;
  }, [mode, density]);
  useLayoutEffect(() => {
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en';
    void i18n.changeLanguage(language);
  }, [language, i18n]);

  const value = useMemo(
    () => ({ appearance, mode, setAppearance }) as const,
    [appearance, mode, setAppearance],
  );
  const antd = useMemo(() => antdTheme({ mode, density, calm }), [mode, density, calm]);
  return (
    <Context value={value}>
      <I18nextProvider i18n={i18n}>
        <StyleProvider layer>
          <ConfigProvider
            theme={antd}
            locale={language === 'zh' ? zhCN : enUS}
            button={{ autoInsertSpace: false }}
            form={{ requiredMark: false }}
          >
            <App component={false}>{children}</App>
          </ConfigProvider>
        </StyleProvider>
      </I18nextProvider>
    </Context>
  );
}

/** The look, and a way to change it. */
export function useAppearance(): AppearanceContext {
  const context = use(Context);
  if (!context) throw new Error('useAppearance needs an AppearanceProvider above it');
  return context;
}
