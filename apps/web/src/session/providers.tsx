'use client';
import { type ReactNode, useSyncExternalStore } from 'react';
import { AppearanceProvider } from '../theme/appearance-provider.tsx';
import { Logo } from '../ui/logo.tsx';
import { QueryProvider } from './query-provider.tsx';
import { SessionProvider } from './session-provider.tsx';

/**
 * Everything that pages take for granted: look, language, session, server state. The exported files hold only the
 * mark; the application is drawn in the browser, so there is nothing that could differ from what was exported.
 */
export function Providers({ children }: { children: ReactNode }) {
  const inBrowser = useSyncExternalStore(
    () => () => {},
    () => true,
    () => false,
  );
  if (!inBrowser) return <Boot />;
  return (
    <AppearanceProvider>
      <SessionProvider>
        <QueryProvider>{children}</QueryProvider>
      </SessionProvider>
    </AppearanceProvider>
  );
}

/** The mark alone, while the application starts. */
export function Boot() {
  return (
    <div className="boot" role="status">
      <Logo size={44} />
      <span className="sr-only">Wegent</span>
    </div>
  );
}
