import { MenuOutlined, PlusOutlined, SearchOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { Logo } from '../ui/logo.tsx';
import { useFrame } from './frame-context.tsx';
import { newChatLink } from './links.ts';

/** The bar of small screens: opens the rail, searches, starts a chat. It gives way to a page with a bar of its own. */
export function TopBar() {
  const { t } = useTranslation();
  const { openPalette, openMenu } = useFrame();
  const router = useRouter();
  return (
    <header className="flex h-13 flex-none [body:has([data-page-bar])_&]:hidden items-center gap-1 border-b border-line bg-rail px-2">
      <Button type="text" icon={<MenuOutlined />} aria-label={t('nav.openMenu')} onClick={openMenu} />
      <span className="flex flex-1 items-center justify-center gap-2 font-semibold">
        <Logo size={22} />
        {t('product')}
      </span>
      <Button type="text" icon={<SearchOutlined />} aria-label={t('nav.search')} onClick={openPalette} />
      <Button
        type="text"
        icon={<PlusOutlined />}
        aria-label={t('nav.newChat')}
        onClick={() => router.push(newChatLink())}
      />
    </header>
  );
}
