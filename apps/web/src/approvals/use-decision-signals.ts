import { useQueryClient } from '@tanstack/react-query';
import { useRouter } from 'next/navigation';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { useChatSocket } from '../session/socket-provider.tsx';

/** Keeps the list of what waits in step with the server; calls the person who looks elsewhere, if they allowed that. Once in the page. */
export function useDecisionSignals(): void {
  const { t } = useTranslation('approvals');
  const socket = useChatSocket();
  const client = useQueryClient();
  const router = useRouter();
  useEffect(() => {
    const refresh = () => void client.invalidateQueries({ queryKey: ['decisions'] });
    let wasOffline = false;
    const stops = [
      socket.on('approval:requested', ({ taskId, approvalId, title }) => {
        refresh();
        notify({
          title: t('notification'),
          body: title,
          tag: approvalId,
          // Which page the task has is found there.
          onClick: () => router.push(`/code?task=${encodeURIComponent(taskId)}`),
        });
      }),
      socket.on('approval:resolved', refresh),
      socket.onState(({ status }) => {
        if (status === 'online' && wasOffline) refresh();
        wasOffline = status !== 'online';
      }),
    ];
    return () => {
      for (const stop of stops) stop();
    };
  }, [socket, client, router, t]);
}

function notify({
  title,
  body,
  tag,
  onClick,
}: {
  title: string;
  body: string;
  tag: string;
  onClick: () => void;
}): void {
  // Never asks for the permission: it is used where the person gave it.
  if (typeof Notification === 'undefined' || Notification.permission !== 'granted') return;
  if (document.visibilityState === 'visible') return;
  try {
    const notification = new Notification(title, { body, tag });
    notification.onclick = () => {
      window.focus();
      onClick();
      notification.close();
    };
  } catch {
    // Phones only let service workers do this.
  }
}
