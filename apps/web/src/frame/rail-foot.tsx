import {
  AppstoreOutlined,
  ClusterOutlined,
  RobotOutlined,
  SettingOutlined,
  TeamOutlined,
} from '@ant-design/icons';
import { useTranslation } from 'react-i18next';
import { useUser } from '../session/session-provider.tsx';
import { LanguageSwitch } from '../theme/language-switch.tsx';
import { ThemeSwitch } from '../theme/theme-switch.tsx';
import { useFrame } from './frame-context.tsx';
import { RailItem } from './rail-item.tsx';
import { UserMenu } from './user-menu.tsx';

/** The foot of the rail: pages, the person, language and theme. */
export function RailFoot() {
  const { t } = useTranslation();
  const { collapsed } = useFrame();
  const user = useUser();
  return (
    <div className="flex flex-none flex-col gap-0.5 border-t border-line p-2">
      <RailItem href="/agents" icon={<RobotOutlined />} label={t('nav.agents')} />
      <RailItem href="/library/models" icon={<AppstoreOutlined />} label={t('nav.models')} />
      <RailItem href="/settings" icon={<SettingOutlined />} label={t('nav.settings')} />
      {user.role === 'admin' && (
        <>
          <RailItem href="/admin/users" icon={<TeamOutlined />} label={t('nav.users')} />
          <RailItem href="/admin/executors" icon={<ClusterOutlined />} label={t('nav.executors')} />
        </>
      )}
      <div className={`mt-1 flex items-center gap-0.5 ${collapsed ? 'flex-col' : ''}`}>
        <UserMenu />
        <LanguageSwitch />
        <ThemeSwitch />
      </div>
    </div>
  );
}
