import { Button } from 'antd';
import { useEffect, useEffectEvent, useRef } from 'react';
import { useTranslation } from 'react-i18next';

/** Asks for the next page when it comes into view; a button, so that it also works without scrolling. */
export function LoadMore({ busy, onMore }: { busy: boolean; onMore: () => void }) {
  const { t } = useTranslation('tasks');
  const button = useRef<HTMLButtonElement>(null);
  const onVisible = useEffectEvent(() => {
    if (!busy) onMore();
  });
  useEffect(() => {
    if (!button.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onVisible(), {
      rootMargin: '200px',
    });
    observer.observe(button.current);
    return () => observer.disconnect();
  }, []);
  return (
    <Button
      ref={button}
      type="text"
      block
      size="small"
      loading={busy}
      onClick={onMore}
      className="mt-1 text-faint"
    >
      {t('more')}
    </Button>
  );
}
