import { MoreOutlined } from '@ant-design/icons';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { User, UserPatch } from '@wegent/api';
import { App, Button, Dropdown } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApi, useUser } from '../session/session-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { ResetPassword } from './reset-password.tsx';

/** What an administrator can do with a user. Nobody locks themselves out: one's own row offers less. */
export function UserActions({ user }: { user: User }) {
  const { t } = useTranslation('admin');
  const { message, modal } = App.useApp();
  const { users } = useApi();
  const me = useUser();
  const client = useQueryClient();
  const errorText = useErrorText();
  const [resetting, setResetting] = useState(false);
  const name = user.displayName || user.username;
  const change = useMutation({
    mutationFn: (patch: UserPatch) => users.update(user.id, patch),
    onSuccess: () => void message.success(t('users.updated', { name })),
    onError: (error) => void message.error(errorText(error).detail ?? errorText(error).title),
    onSettled: () => client.invalidateQueries({ queryKey: ['users'] }),
  });
  const confirmDisable = () =>
    void modal.confirm({
      title: t('users.disableTitle', { name }),
      content: t('users.disableBody'),
      okText: t('users.disable'),
      okButtonProps: { danger: true },
      onOk: () => change.mutateAsync({ disabled: true }),
    });
  const own = user.id === me.id;
  return (
    <>
      <Dropdown
        autoFocus
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: [
            { key: 'reset', label: t('users.resetPassword'), onClick: () => setResetting(true) },
            ...(own
              ? []
              : [
                  user.role === 'admin'
                    ? {
                        key: 'user',
                        label: t('users.makeUser'),
                        onClick: () => change.mutate({ role: 'user' }),
                      }
                    : {
                        key: 'admin',
                        label: t('users.makeAdmin'),
                        onClick: () => change.mutate({ role: 'admin' }),
                      },
                  { type: 'divider' as const },
                  user.disabled
                    ? {
                        key: 'enable',
                        label: t('users.enable'),
                        onClick: () => change.mutate({ disabled: false }),
                      }
                    : { key: 'disable', label: t('users.disable'), danger: true, onClick: confirmDisable },
                ]),
          ],
        }}
      >
        <Button
          type="text"
          icon={<MoreOutlined />}
          loading={change.isPending}
          aria-label={t('users.actionsFor', { name })}
        />
      </Dropdown>
      <ResetPassword user={user} open={resetting} onClose={() => setResetting(false)} />
    </>
  );
}
