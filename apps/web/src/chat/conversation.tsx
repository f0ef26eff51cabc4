import { taskLink } from '../frame/links.ts';
import { Redirect } from '../ui/redirect.tsx';
import { ConnectionLine } from './connection-line.tsx';
import { ConversationFrame } from './conversation-frame.tsx';
import { ConversationHeader } from './conversation-header.tsx';
import { DropArea } from './drop-area.tsx';
import { FinishedNotice } from './finished-notice.tsx';
import { MessageList } from './message-list.tsx';
import { OpenTask } from './open-task.tsx';
import { Reply } from './reply.tsx';
import { WaitingLine } from './waiting-line.tsx';

/** One conversation, live. */
export function Conversation({ taskId }: { taskId: string }) {
  return (
    <OpenTask taskId={taskId}>
      {({ session, view }) =>
        view.task.spec.type === 'code' ? (
          <Redirect to={taskLink(view.task)} />
        ) : (
          <ConversationFrame session={session} view={view}>
            <DropArea className="flex h-full flex-col">
              <ConversationHeader task={view.task} />
              <MessageList view={view} />
              <ConnectionLine />
              <WaitingLine task={view.task} />
              <Reply view={view} />
              <FinishedNotice messages={view.messages} />
            </DropArea>
          </ConversationFrame>
        )
      }
    </OpenTask>
  );
}
