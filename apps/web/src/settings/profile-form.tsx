import { useMutation } from '@tanstack/react-query';
import { App, Button, Form, Input } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi, useSession, useUser } from '../session/session-provider.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';

interface ProfileValues {
  displayName: string;
  email: string;
}

/** Display name and email. */
export function ProfileForm() {
  const { t } = useTranslation('settings');
  const { message } = App.useApp();
  const { users } = useApi();
  const { update } = useSession();
  const user = useUser();
  const save = useMutation({
    mutationFn: (values: ProfileValues) =>
      users.updateMe({ displayName: values.displayName.trim(), email: values.email.trim() }),
    onSuccess: (changed) => {
      update(changed);
      void message.success(t('saved'));
    },
  });
  return (
    <Form<ProfileValues>
      layout="vertical"
      initialValues={{ displayName: user.displayName ?? '', email: user.email ?? '' }}
      onFinish={(values) => save.mutate(values)}
    >
      {save.error && <ErrorNotice error={save.error} className="mb-5" />}
      <Form.Item label={t('profile.username')} htmlFor="profile-username">
        <Input
          id="profile-username"
          value={user.username}
          readOnly
          variant="filled"
          autoComplete="username"
        />
      </Form.Item>
      <Form.Item name="displayName" label={t('profile.displayName')} extra={t('profile.displayNameHint')}>
        <Input maxLength={200} autoComplete="name" />
      </Form.Item>
      <Form.Item
        name="email"
        label={t('profile.email')}
        validateTrigger="onBlur"
        rules={[{ type: 'email', message: t('profile.badEmail') }]}
      >
        <Input maxLength={320} autoComplete="email" inputMode="email" />
      </Form.Item>
      <Button type="primary" htmlType="submit" loading={save.isPending}>
        {t('actions.save', { ns: 'common' })}
      </Button>
    </Form>
  );
}
