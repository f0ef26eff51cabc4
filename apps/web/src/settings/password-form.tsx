import { useMutation } from '@tanstack/react-query';
import { ApiError } from '@wegent/api';
import { Alert, App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { PasswordFields } from '../session/password-fields.tsx';
import { useApi, useSession, useUser } from '../session/session-provider.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { useRequired } from '../ui/use-required.ts';

interface PasswordValues {
  current: string;
  password: string;
}

/** Changes the password; the current one proves that it is really them. */
export function PasswordForm() {
  const { t } = useTranslation('settings');
  const required = useRequired();
  const { message } = App.useApp();
  const { auth, users } = useApi();
  const { begin } = useSession();
  const { username } = useUser();
  const [form] = Form.useForm<PasswordValues>();
  const change = useMutation({
    mutationFn: async ({ current, password }: PasswordValues) => {
      await users.updateMe({ password: { current, next: password } });
      // A new password ends every session, this one too: whoever knows both passwords goes on in a new one.
      return auth.login({ username, password });
    },
    onSuccess: (session) => {
      begin(session);
      form.resetFields();
      void message.success(t('profile.passwordChanged'));
    },
  });
  const wrong = namesCurrentPassword(change.error);
  return (
    <section aria-labelledby="password-title" className="mt-10 border-t border-line pt-8">
      <h2 id="password-title" className="mb-1 text-lg font-semibold">
        {t('profile.passwordTitle')}
      </h2>
      <p className="mb-5 text-[14px] leading-[22px] text-muted">{t('profile.passwordHint')}</p>
      <Form<PasswordValues> form={form} layout="vertical" onFinish={(values) => change.mutate(values)}>
        {wrong && (
          <Alert className="mb-5" type="error" showIcon role="alert" title={t('profile.wrongCurrent')} />
        )}
        {change.error && !wrong && <ErrorNotice error={change.error} className="mb-5" />}
        {/* Password managers want to know whose password this is. */}
        <input type="text" autoComplete="username" value={username} readOnly hidden />
        <Form.Item name="current" label={t('profile.current')} rules={[required]}>
          <Input.Password autoComplete="current-password" />
        </Form.Item>
        <PasswordFields label={t('profile.next')} repeatLabel={t('profile.repeat')} />
        <Button htmlType="submit" loading={change.isPending}>
          {t('profile.changePassword')}
        </Button>
      </Form>
    </section>
  );
}

function namesCurrentPassword(error: Error | null): boolean {
  const causes = error instanceof ApiError ? (error.details?.causes ?? []) : [];
  return causes.some(({ field }) => field === 'password.current');
}
