import { useMutation, useQueryClient } from '@tanstack/react-query';
import { UserCreate, Username } from '@wegent/api';
import { App, Button, Form, Input, Modal, Select } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { useRequired } from '../ui/use-required.ts';
import { InitialPassword } from './initial-password.tsx';

/** Adds a user. */
export function CreateUser({ open, onClose }: { open: boolean; onClose: () => void }) {
  const { t } = useTranslation('admin');
  const required = useRequired();
  const { message } = App.useApp();
  const { users } = useApi();
  const client = useQueryClient();
  const create = useMutation({
    mutationFn: (values: Record<string, unknown>) => users.create(UserCreate.parse(withoutEmpty(values))),
    onSuccess: (user) => {
      void message.success(t('users.created', { name: user.username }));
      void client.invalidateQueries({ queryKey: ['users'] });
      onClose();
    },
  });
  return (
    <Modal
      open={open}
      title={t('users.createTitle')}
      onCancel={onClose}
      afterClose={create.reset}
      footer={null}
      destroyOnHidden
    >
      <Form
        layout="vertical"
        className="pt-2"
        initialValues={{ role: 'user' }}
        onFinish={(values) => create.mutate(values)}
      >
        {create.error && <ErrorNotice error={create.error} className="mb-5" />}
        <Form.Item
          name="username"
          label={t('users.username')}
          extra={t('users.usernameHint')}
          validateTrigger="onBlur"
          rules={[
            required,
            {
              validator: async (_, value: unknown) => {
                if (value && !Username.safeParse(value).success) throw new Error(t('users.badUsername'));
              },
            },
          ]}
        >
          <Input autoFocus autoComplete="off" autoCapitalize="none" spellCheck={false} maxLength={50} />
        </Form.Item>
        <Form.Item name="displayName" label={t('users.displayName')}>
          <Input maxLength={200} autoComplete="off" />
        </Form.Item>
        <Form.Item
          name="email"
          label={t('users.email')}
          validateTrigger="onBlur"
          rules={[{ type: 'email', message: t('profile.badEmail', { ns: 'settings' }) }]}
        >
          <Input maxLength={320} autoComplete="off" inputMode="email" />
        </Form.Item>
        <InitialPassword label={t('users.password')} />
        <Form.Item name="role" label={t('users.role')}>
          <Select
            options={(['user', 'admin'] as const).map((value) => ({
              value,
              label: t(`users.roles.${value}`),
            }))}
          />
        </Form.Item>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t('actions.cancel', { ns: 'common' })}</Button>
          <Button type="primary" htmlType="submit" loading={create.isPending}>
            {t('users.create')}
          </Button>
        </div>
      </Form>
    </Modal>
  );
}

function withoutEmpty(values: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).filter(([, value]) => value !== undefined && value !== ''),
  );
}
