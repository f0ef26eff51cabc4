import { Button } from 'antd';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useChatSocket, useConnection } from '../session/socket-provider.tsx';

const QUIET_MS = 1000;

/** One quiet line while the connection is gone; a hiccup of less than a second is not worth one. */
export function ConnectionLine() {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const socket = useChatSocket();
  const { status } = useConnection();
  const [late, setLate] = useState(false);
  const online = status === 'online';
  useEffect(() => {
    if (online) return setLate(false);
    const timer = setTimeout(() => setLate(true), QUIET_MS);
    return () => clearTimeout(timer);
  }, [online]);
  if (online || !late) return null;
  if (status === 'refused') {
    return (
      <div role="status" className="flex items-center justify-center gap-2 py-1 text-[13px] text-muted">
        {t('connection.refused')}
        <Button size="small" onClick={() => socket.connect()}>
          {common('actions.retry')}
        </Button>
      </div>
    );
  }
  return (
    <p
      role="status"
      data-testid="reconnecting"
      className="flex items-center justify-center gap-2 py-1 text-[13px] text-muted"
    >
      <span className="size-2 animate-pulse rounded-full bg-warning" aria-hidden="true" />
      {t('connection.reconnecting')}
    </p>
  );
}
