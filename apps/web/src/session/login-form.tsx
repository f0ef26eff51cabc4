import { useMutation } from '@tanstack/react-query';
import { ApiError } from '@wegent/api';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { useRequired } from '../ui/use-required.ts';
import { useApi, useSession } from './session-provider.tsx';
import { useCountdown } from './use-countdown.ts';

interface Credentials {
  username: string;
  password: string;
}

/** User name and password; says what is wrong, and how long to wait after too many attempts. */
export function LoginForm() {
  const { t } = useTranslation('session');
  const { auth } = useApi();
  const { begin } = useSession();
  const [wait, startWait] = useCountdown();
  const login = useMutation({
    mutationFn: (credentials: Credentials) =>
      auth.login({ ...credentials, username: credentials.username.trim() }),
    onSuccess: begin,
    onError: (error) => {
      if (error instanceof ApiError) startWait(error.details?.retryAfterSeconds ?? 0);
    },
  });
  const required = [useRequired()];
  return (
    <Form<Credentials>
      layout="vertical"
      onFinish={(credentials) => login.mutate(credentials)}
      disabled={login.isPending}
    >
      <LoginProblem error={login.error} wait={wait} />
      <Form.Item name="username" label={t('signIn.username')} rules={required}>
        <Input autoComplete="username" autoCapitalize="none" spellCheck={false} autoFocus size="large" />
      </Form.Item>
      <Form.Item name="password" label={t('signIn.password')} rules={required}>
        <Input.Password autoComplete="current-password" size="large" />
      </Form.Item>
      <Button
        type="primary"
        htmlType="submit"
        block
        size="large"
        loading={login.isPending}
        disabled={wait > 0}
      >
        {t('signIn.submit')}
      </Button>
    </Form>
  );
}

function LoginProblem({ error, wait }: { error: Error | null; wait: number }) {
  const { t } = useTranslation('session');
  if (!error) return null;
  const { reason, details } = error instanceof ApiError ? error : {};
  if (reason === 'TooManyRequests' && wait > 0)
    return <Problem type="warning" text={t('signIn.throttled', { count: wait })} />;
  if (reason === 'TooManyRequests') return null;
  if (details?.causes?.some((cause) => cause.reason === 'AccountDisabled')) {
    return <Problem type="error" text={t('signIn.disabled')} />;
  }
  if (reason === 'Unauthorized') return <Problem type="error" text={t('signIn.wrong')} />;
  return <ErrorNotice error={error} className="mb-5" />;
}

function Problem({ type, text }: { type: 'error' | 'warning'; text: string }) {
  return <Alert className="mb-5" type={type} showIcon role="alert" title={text} />;
}
