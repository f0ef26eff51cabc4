import { useQuery } from '@tanstack/react-query';
import { Button } from 'antd';
import { useRouter, useSearchParams } from 'next/navigation';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Entrance } from './entrance.tsx';
import { Boot } from './providers.tsx';
import { useApi, useSession } from './session-provider.tsx';
import { SetupForm } from './setup-form.tsx';

/** First set-up of an installation; the link with the token is in the server's log. */
export function SetupPage() {
  return (
    <Suspense fallback={<Boot />}>
      <Setup />
    </Suspense>
  );
}

function Setup() {
  const { t } = useTranslation('session');
  const { state } = useSession();
  const { auth } = useApi();
  const router = useRouter();
  const token = useSearchParams().get('token');
  const { data, isPending } = useQuery({ queryKey: ['auth-state'], queryFn: auth.state });
  const signedIn = state.status === 'signed-in';

  useEffect(() => {
    if (signedIn) router.replace('/chat');
  }, [signedIn, router]);

  if (isPending || state.status === 'starting' || signedIn) return <Boot />;
  return (
    <Entrance title={t('setup.title')} body={t('setup.body')}>
      {data?.setupRequired === false ? (
        <Hint title={t('setup.done')} body={t('setup.doneBody')} />
      ) : token ? (
        <SetupForm token={token} />
      ) : (
        <Hint title={t('setup.noToken')} body={t('setup.noTokenBody')} />
      )}
    </Entrance>
  );
}

function Hint({ title, body }: { title: string; body: string }) {
  const { t } = useTranslation('session');
  const router = useRouter();
  return (
    <div className="text-center">
      <h2 className="font-medium">{title}</h2>
      <p className="mt-1 mb-5 text-muted">{body}</p>
      <Button type="primary" block size="large" onClick={() => router.push('/login')}>
        {t('setup.toSignIn')}
      </Button>
    </div>
  );
}
