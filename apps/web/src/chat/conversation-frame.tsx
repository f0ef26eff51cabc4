import { isBusy, type TaskSession, type TaskView } from '@wegent/client';
import { App } from 'antd';
import { type ReactNode, useCallback, useMemo } from 'react';
import { newChatLink } from '../frame/links.ts';
import { useUser } from '../session/session-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { type ConversationExtras, ConversationProvider } from './conversation-context.tsx';
import { TabTitle } from './tab-title.tsx';
import { useMarkRead } from './use-mark-read.ts';
import { useTaskAgent } from './use-task-agent.ts';

/** Gives the parts of a conversation what they need to know and to do. */
export function ConversationFrame({
  session,
  view,
  extras,
  titled = true,
  children,
}: {
  session: TaskSession;
  view: TaskView;
  /** What the page adds to the conversation; the same object until it changes. */
  extras?: ConversationExtras;
  /** The browser tab is named after the task; false where the conversation is a part of another page. */
  titled?: boolean;
  children: ReactNode;
}) {
  const { message } = App.useApp();
  const errorText = useErrorText();
  const user = useUser();
  const { task } = view;
  const agent = useTaskAgent(task);
  const busy = isBusy(view);
  const isGroup = (task.spec.participants?.length ?? 0) > 0;
  useMarkRead(session, view);

  const attempt = useCallback(
    (work: () => Promise<unknown>) => {
      work().catch((error: unknown) => {
        const { title, detail } = errorText(error);
        void message.error(detail ?? title);
      });
    },
    [message, errorText],
  );
  const controls = useMemo(
    () => ({
      session,
      busy,
      isGroup,
      userId: user.id,
      agent,
      newChatHref: newChatLink(task.team),
      attempt,
      ...(extras ? { extras } : {}),
    }),
    [session, busy, isGroup, user.id, agent, task.team, attempt, extras],
  );
  return (
    <ConversationProvider value={controls}>
      {titled && <TabTitle title={task.title} />}
      {children}
    </ConversationProvider>
  );
}
