import { useMutation } from '@tanstack/react-query';
import type { PasswordReset, User } from '@wegent/api';
import { App, Button, Form, Modal } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { InitialPassword } from './initial-password.tsx';

/** Gives a user a new password. */
export function ResetPassword({ user, open, onClose }: { user: User; open: boolean; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const { message } = App.useApp();
  const { users } = useApi();
  const name = user.displayName || user.username;
  const reset = useMutation({
    mutationFn: ({ password }: PasswordReset) => users.resetPassword(user.id, { password }),
    onSuccess: () => {
      void message.success(t('users.resetDone', { name }));
      onClose();
    },
  });
  return (
    <Modal
      open={open}
      title={t('users.resetTitle', { name })}
      onCancel={onClose}
      afterClose={reset.reset}
      footer={null}
      destroyOnHidden
    >
      <p className="mb-5 text-muted">{t('users.resetBody')}</p>
      <Form<PasswordReset> layout="vertical" onFinish={(values) => reset.mutate(values)}>
        {reset.error && <ErrorNotice error={reset.error} className="mb-5" />}
        <InitialPassword label={t('profile.next', { ns: 'settings' })} />
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('actions.cancel', { ns: 'common' })}</Button>
          <Button type="primary" htmlType="submit" loading={reset.isPending}>
            {t('users.resetPassword')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}
