import { LogoutOutlined, SettingOutlined } from '@ant-design/icons';
import { Dropdown } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { useSession, useUser } from '../session/session-provider.tsx';
import { Monogram } from '../ui/monogram.tsx';
import { useFrame } from './frame-context.tsx';

/** Who is signed in; opens settings and sign-out. */
export function UserMenu() {
  const { t } = useTranslation();
  const { collapsed } = useFrame();
  const { signOut } = useSession();
  const user = useUser();
  const router = useRouter();
  const name = user.displayName || user.username;
  return (
    <Dropdown
      autoFocus
      trigger={['click']}
      placement="topLeft"
      menu={{
        items: [
          {
            key: 'settings',
            icon: <SettingOutlined />,
            label: t('nav.settings'),
            onClick: () => router.push('/settings/profile'),
          },
          { type: 'divider' },
          { key: 'out', icon: <LogoutOutlined />, label: t('nav.signOut'), onClick: () => void signOut() },
        ],
      }}
    >
      <button
        type="button"
        aria-haspopup="menu"
        className={`flex h-11 min-w-0 cursor-pointer items-center gap-2.5 rounded-control px-2 text-left hover:bg-hover ${collapsed ? '' : 'flex-1'}`}
      >
        <Monogram name={name} />
        <span className="sr-only">{t('nav.account', { name })}</span>
        {!collapsed && (
          <span aria-hidden="true" className="truncate text-[14px]">
            {name}
          </span>
        )}
      </button>
    </Dropdown>
  );
}
