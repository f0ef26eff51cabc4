import { App } from 'antd';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';

/** Asks before a page with changes is left: by closing the tab, or by a link. `kept`: they are there when one comes back. */
export function useLeaveGuard(dirty: boolean, kept: boolean): void {
  const { t } = useTranslation('agents');
  const { modal } = App.useApp();
  const router = useRouter();
  useEffect(() => {
    if (!dirty) return;
    const beforeUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    const onClick = (event: MouseEvent) => {
      if (event.button !== 0 || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
      const link = event.target instanceof Element ? event.target.closest('a[href]') : null;
      if (!(link instanceof HTMLAnchorElement) || link.target === '_blank' || link.hasAttribute('download'))
        return;
      if (link.origin !== location.origin || link.hash !== '') return;
      event.preventDefault();
      event.stopPropagation();
      void modal.confirm({
        title: t('editor.leaveTitle'),
        content: t(kept ? 'editor.leaveBody' : 'editor.leaveLost'),
        okText: t('editor.leave'),
        okButtonProps: { danger: true },
        cancelText: t('editor.stay'),
        autoFocusButton: 'cancel',
        onOk: () => router.push(`${link.pathname}${link.search}`),
      });
    };
    addEventListener('beforeunload', beforeUnload);
    // Before the links of the framework see the click.
    document.addEventListener('click', onClick, true);
    return () => {
      removeEventListener('beforeunload', beforeUnload);
      document.removeEventListener('click', onClick, true);
    };
  }, [dirty, kept, modal, router, t]);
}
