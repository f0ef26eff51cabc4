import { isFinalMessage } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

const MAX_SPOKEN = 600;

/** Tells screen readers about an answer once, when it is finished; not about each word of it. */
export function FinishedNotice({ messages }: { messages: readonly TaskMessage[] }) {
  const { t } = useTranslation('chat');
  const last = messages.at(-1);
  const running = last?.role === 'assistant' && !isFinalMessage(last.status) ? last.id : undefined;
  const wasRunning = useRef<string>(undefined);
  const [notice, setNotice] = useState('');
  useEffect(() => {
    if (running !== undefined) setNotice('');
    else if (last && last.id === wasRunning.current) {
      const outcome =
        last.status === 'failed' ? 'failed' : last.status === 'cancelled' ? 'stopped' : 'finished';
      setNotice(`${t(`notice.${outcome}`)} ${last.text.slice(0, MAX_SPOKEN)}`);
    }
    wasRunning.current = running;
  }, [running, last, t]);
  return (
    <p className="sr-only" aria-live="polite">
      {notice}
    </p>
  );
}
