import type { User } from '@wegent/api';
import { Table, Tag } from 'antd';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { Monogram } from '../ui/monogram.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { StatusMark } from '../ui/status-mark.tsx';
import { UserActions } from './user-actions.tsx';

/** Users as rows; on a phone only name, state and actions. */
export function UsersTable({ users }: { users: User[] }) {
  const { t } = useTranslation('admin');
  const me = useUser();
  return (
    <Table<User>
      className="overflow-hidden rounded-xl border border-line"
      rowKey="id"
      dataSource={users}
      pagination={false}
      columns={[
        {
          title: t('users.username'),
          render: (_, user) => (
            <span className="flex items-center gap-3">
              <Monogram name={user.displayName || user.username} size={32} />
              <span className="min-w-0">
                <span className="flex flex-wrap items-center gap-x-2 font-medium">
                  {user.displayName || user.username}
                  {user.id === me.id && <Tag variant="filled">{t('users.you')}</Tag>}
                </span>
                <span className="block text-[13px] leading-5 text-muted">{user.username}</span>
              </span>
            </span>
          ),
        },
        { title: t('users.email'), dataIndex: 'email', responsive: ['lg'] },
        { title: t('users.role'), responsive: ['md'], render: (_, user) => t(`users.roles.${user.role}`) },
        {
          title: t('users.status'),
          render: (_, user) => (
            <StatusMark state={user.disabled ? 'bad' : 'good'}>
              {t(user.disabled ? 'users.disabled' : 'users.active')}
            </StatusMark>
          ),
        },
        {
          title: t('users.lastLogin'),
          responsive: ['md'],
          render: (_, user) =>
            user.lastLoginAt ? <RelativeTime at={user.lastLoginAt} /> : t('users.neverLogin'),
        },
        {
          title: <span className="sr-only">{t('actions.more', { ns: 'common' })}</span>,
          width: 56,
          align: 'right',
          render: (_, user) => <UserActions user={user} />,
        },
      ]}
    />
  );
}
