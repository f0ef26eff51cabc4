import { useQuery } from '@tanstack/react-query';
import { Alert } from 'antd';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Entrance } from './entrance.tsx';
import { LoginForm } from './login-form.tsx';
import { Boot } from './providers.tsx';
import { safeNext } from './safe-next.ts';
import { useApi, useSession } from './session-provider.tsx';

/** Sign-in; leads on to `next`. */
export function LoginPage() {
  return (
    <Suspense fallback={<Boot />}>
      <Login />
    </Suspense>
  );
}

function Login() {
  const { t } = useTranslation('session');
  const { state } = useSession();
  const { auth } = useApi();
  const router = useRouter();
  const next = safeNext(useSearchParams().get('next'));
  const { data } = useQuery({ queryKey: ['auth-state'], queryFn: auth.state });
  const signedIn = state.status === 'signed-in';

  useEffect(() => {
    if (signedIn) router.replace(next);
  }, [signedIn, router, next]);

  if (state.status === 'starting' || signedIn) return <Boot />;
  return (
    <Entrance title={t('signIn.title')}>
      {data?.setupRequired && (
        <Alert
          className="mb-6"
          type="info"
          showIcon
          title={t('signIn.setupTitle')}
          description={t('signIn.setupBody')}
        />
      )}
      <LoginForm />
    </Entrance>
  );
}
