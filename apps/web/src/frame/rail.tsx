import {
  CloseOutlined,
  CodeOutlined,
  EditOutlined,
  MenuFoldOutlined,
  MenuUnfoldOutlined,
  SearchOutlined,
} from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { TaskRail } from '../tasks/task-rail.tsx';
import { Logo } from '../ui/logo.tsx';
import { useFrame } from './frame-context.tsx';
import { newChatLink, newCodeLink } from './links.ts';
import { RailFoot } from './rail-foot.tsx';
import { RailItem } from './rail-item.tsx';
import { shortcutLabel } from './use-shortcut.ts';

/** The left rail. `onClose` is given where it lies in a drawer. */
export function Rail({ onClose }: { onClose?: () => void }) {
  const { t } = useTranslation();
  const { collapsed, openPalette } = useFrame();
  return (
    <nav
      aria-label={t('nav.main')}
      className={`flex h-full flex-none flex-col bg-rail ${onClose ? '' : `border-r border-line ${collapsed ? 'w-15' : 'w-68'}`}`}
    >
      <div className={`flex h-14 flex-none items-center gap-2 ${collapsed ? 'justify-center' : 'pr-2 pl-4'}`}>
        {!collapsed && (
          <Link
            href="/chat"
            className="flex flex-1 items-center gap-2.5 text-[17px] font-semibold tracking-tight text-ink!"
          >
            <Logo size={26} />
            {t('product')}
          </Link>
        )}
        {onClose ? <CloseButton onClose={onClose} /> : <CollapseButton />}
      </div>
      <div className="flex flex-none flex-col gap-1 px-2">
        <RailItem href={newChatLink()} icon={<EditOutlined />} label={t('nav.newChat')} exact strong />
        <RailItem href={newCodeLink()} icon={<CodeOutlined />} label={t('nav.newCode')} exact />
        <RailItem
          onClick={openPalette}
          icon={<SearchOutlined />}
          label={t('nav.search')}
          hint={shortcutLabel('K')}
        />
      </div>
      <div className="mt-2 min-h-0 flex-1 overflow-y-auto">{!collapsed && <TaskRail />}</div>
      <RailFoot />
    </nav>
  );
}

function CollapseButton() {
  const { t } = useTranslation();
  const { collapsed, setCollapsed } = useFrame();
  const label = t(collapsed ? 'nav.expand' : 'nav.collapse');
  return (
    <Tooltip title={label} placement="right">
      <Button
        type="text"
        icon={collapsed ? <MenuUnfoldOutlined /> : <MenuFoldOutlined />}
        aria-label={label}
        aria-expanded={!collapsed}
        onClick={() => setCollapsed(!collapsed)}
      />
    </Tooltip>
  );
}

function CloseButton({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  return <Button type="text" icon={<CloseOutlined />} aria-label={t('nav.closeMenu')} onClick={onClose} />;
}
