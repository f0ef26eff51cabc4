import { isBusy, type TaskSession, type TaskView } from '@wegent/client';
import { App } from 'antd';
import { useCallback, useMemo } from 'react';
import { newChatLink } from '../frame/links.ts';
import { useUser } from '../session/session-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { ConnectionLine } from './connection-line.tsx';
import { ConversationProvider } from './conversation-context.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import { DropArea } from './drop-area.tsx';
import { FinishedNotice } from './finished-notice.tsx';
import { MessageList } from './message-list.tsx';
import { MissingTask } from './missing-task.tsx';
import { OpeningTask } from './opening-task.tsx';
import { Reply } from './reply.tsx';
import { TabTitle } from './tab-title.tsx';
import { useMarkRead } from './use-mark-read.ts';
import { useTaskAgent } from './use-task-agent.ts';
import { useTaskSession } from './use-task-session.ts';

/** One conversation, live. */
export function Conversation({ taskId }: { taskId: string }) {
  const open = useTaskSession(taskId);
  if (!open || open.state.status === 'opening') return <OpeningTask />;
  if (open.state.status === 'refused') return <MissingTask error={open.state.error} />;
  if (open.state.view.deleted) return <MissingTask />;
  return <OpenConversation session={open.session} view={open.state.view} />;
}

function OpenConversation({ session, view }: { session: TaskSession; view: TaskView }) {
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
    () => ({ session, busy, isGroup, userId: user.id, agent, newChatHref: newChatLink(task.team), attempt }),
    [session, busy, isGroup, user.id, agent, task.team, attempt],
  );
  return (
    <ConversationProvider value={controls}>
      <TabTitle title={task.title} />
      <DropArea className="flex h-full flex-col">
        <ConversationHeader task={task} />
        <MessageList view={view} />
        <ConnectionLine />
        <Reply view={view} />
        <FinishedNotice messages={view.messages} />
      </DropArea>
    </ConversationProvider>
  );
}
