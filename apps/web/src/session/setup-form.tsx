import { useMutation } from '@tanstack/react-query';
import { ApiError } from '@wegent/api';
import { Alert, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { useRequired } from '../ui/use-required.ts';
import { PasswordFields } from './password-fields.tsx';
import { useApi, useSession } from './session-provider.tsx';

interface SetupValues {
  username: string;
  password: string;
}

/** Name and password of the first administrator; signs in at once. */
export function SetupForm({ token }: { token: string }) {
  const { t } = useTranslation('session');
  const required = useRequired();
  const { auth } = useApi();
  const { begin } = useSession();
  const setup = useMutation({
    mutationFn: ({ username, password }: SetupValues) =>
      auth.setup({ setupToken: token, username: username.trim(), password }),
    onSuccess: begin,
  });
  const badToken =
    setup.error instanceof ApiError &&
    (setup.error.reason === 'Unauthorized' || setup.error.reason === 'Forbidden');
  return (
    <Form<SetupValues>
      layout="vertical"
      initialValues={{ username: 'admin' }}
      disabled={setup.isPending}
      onFinish={(values) => setup.mutate(values)}
    >
      {badToken && <Alert className="mb-5" type="error" showIcon role="alert" title={t('setup.badToken')} />}
      {setup.error && !badToken && <ErrorNotice error={setup.error} className="mb-5" />}
      <Form.Item name="username" label={t('setup.username')} rules={[required]}>
        <Input autoComplete="username" autoCapitalize="none" spellCheck={false} size="large" />
      </Form.Item>
      <PasswordFields label={t('setup.password')} repeatLabel={t('setup.repeat')} size="large" />
      <Button type="primary" htmlType="submit" block size="large" loading={setup.isPending}>
        {t('setup.submit')}
      </Button>
    </Form>
  );
}
