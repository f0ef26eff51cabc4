import { Button } from 'antd';
import { usePathname, useRouter } from 'next/navigation';
import { type ReactNode, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { readAppearance } from '../theme/appearance.ts';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { Notice } from '../ui/notice.tsx';
import { useSession } from './session-provider.tsx';
import { SocketProvider } from './socket-provider.tsx';

/** Shows its children to who is signed in; everybody else goes to the sign-in page and comes back. */
export function SignedIn({ children, waiting }: { children: ReactNode; waiting: ReactNode }) {
  const { state } = useSession();
  if (state.status === 'starting') return waiting;
  if (state.status === 'unreachable') return <Unreachable />;
  if (state.status === 'signed-out') return <ToSignIn byChoice={state.byChoice} />;
  return (
    <SocketProvider key={state.user.id}>
      <AccountAppearance preferences={state.user.preferences} />
      {children}
    </SocketProvider>
  );
}

function ToSignIn({ byChoice }: { byChoice: boolean }) {
  const router = useRouter();
  const pathname = usePathname();
  useEffect(() => {
    // Who leaves on purpose starts afresh; who was cut off returns to where they were.
    router.replace(
      byChoice ? '/login' : `/login?next=${encodeURIComponent(`${pathname}${location.search}`)}`,
    );
  }, [router, pathname, byChoice]);
  return null;
}

/** Takes over the look that is kept with the account. */
function AccountAppearance({ preferences }: { preferences: Record<string, unknown> }) {
  const { setAppearance } = useAppearance();
  useEffect(() => setAppearance(readAppearance(preferences)), [preferences, setAppearance]);
  return null;
}

function Unreachable() {
  const { t } = useTranslation();
  const { resume } = useSession();
  return (
    <main className="h-dvh">
      <Notice
        title={t('errors.network')}
        action={
          <Button type="primary" onClick={() => void resume()}>
            {t('actions.retry')}
          </Button>
        }
      />
    </main>
  );
}
