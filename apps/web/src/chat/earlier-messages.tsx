import { Button } from 'antd';
import { useCallback, useEffect, useEffectEvent, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConversation } from './conversation-context.tsx';

/** Loads the page before when its place comes near; a button for whoever does not scroll, and after a failure. */
export function EarlierMessages() {
  const { t } = useTranslation('chat');
  const { session } = useConversation();
  const place = useRef<HTMLDivElement>(null);
  const [state, setState] = useState<'idle' | 'loading' | 'failed'>('idle');
  const load = useCallback(async () => {
    setState('loading');
    try {
      await session.loadEarlier();
      setState('idle');
    } catch {
      setState('failed');
    }
  }, [session]);
  const onNear = useEffectEvent(() => {
    if (state === 'idle') void load();
  });
  useEffect(() => {
    if (!place.current) return;
    const observer = new IntersectionObserver(([entry]) => entry?.isIntersecting && onNear(), {
      rootMargin: '400px',
    });
    observer.observe(place.current);
    return () => observer.disconnect();
  }, []);
  return (
    <div ref={place} className="flex justify-center pb-4">
      <Button
        size="small"
        type="text"
        className="text-muted"
        loading={state === 'loading'}
        onClick={() => void load()}
      >
        {t(state === 'failed' ? 'earlierFailed' : 'earlier')}
      </Button>
    </div>
  );
}
