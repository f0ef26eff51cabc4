import { Drawer } from 'antd';
import { usePathname, useSearchParams } from 'next/navigation';
import { type ReactNode, useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useDecisionSignals } from '../approvals/use-decision-signals.ts';
import { usePreferences } from '../session/use-preferences.ts';
import { useMedia } from '../theme/use-media.ts';
import { PageBoundary } from '../ui/page-boundary.tsx';
import { FrameProvider } from './frame-context.tsx';
import { Palette } from './palette.tsx';
import { Rail } from './rail.tsx';
import { TopBar } from './top-bar.tsx';
import { useNoStrayDrops } from './use-no-stray-drops.ts';
import { useShortcut } from './use-shortcut.ts';

/** The rail at the left and the page beside it; on small screens the rail is a drawer. */
export function Frame({ children }: { children: ReactNode }) {
  const { t } = useTranslation();
  const { preferences, save } = usePreferences();
  const [paletteOpen, setPaletteOpen] = useState(false);
  const [menuOpen, setMenuOpen] = useState(false);
  const wide = useMedia('(min-width: 1024px)');
  const collapsed = preferences.railCollapsed === true;
  const place = `${usePathname()}?${useSearchParams()}`;

  // biome-ignore lint/correctness/useExhaustiveDependencies: going anywhere closes what lies over the page.
  useEffect(() => {
    setMenuOpen(false);
    setPaletteOpen(false);
  }, [place]);
  useNoStrayDrops();
  useDecisionSignals();
  useShortcut('k', () => setPaletteOpen((open) => !open));

  const controls = useMemo(
    () => ({
      openPalette: () => setPaletteOpen(true),
      openMenu: wide ? undefined : () => setMenuOpen(true),
      collapsed: wide && collapsed,
      setCollapsed: (next: boolean) => void save({ railCollapsed: next }),
    }),
    [wide, collapsed, save],
  );
  return (
    <FrameProvider value={controls}>
      <a
        href="#main"
        className="sr-only z-50 rounded-control bg-accent px-4 py-2 text-on-accent focus:not-sr-only focus:fixed focus:top-3 focus:left-3"
      >
        {t('skipToContent')}
      </a>
      <div className="flex h-dvh flex-col lg:flex-row">
        {wide ? (
          <Rail />
        ) : (
          <>
            <TopBar />
            <Drawer
              open={menuOpen}
              onClose={() => setMenuOpen(false)}
              placement="left"
              size={Math.min(300, innerWidth - 48)}
              closable={false}
              title={null}
              aria-label={t('nav.main')}
              styles={{ body: { padding: 0 } }}
            >
              <Rail onClose={() => setMenuOpen(false)} />
            </Drawer>
          </>
        )}
        <main id="main" tabIndex={-1} className="min-h-0 min-w-0 flex-1 bg-canvas">
          <PageBoundary key={place.split('?')[0]}>{children}</PageBoundary>
        </main>
      </div>
      <Palette open={paletteOpen} onClose={() => setPaletteOpen(false)} />
    </FrameProvider>
  );
}
