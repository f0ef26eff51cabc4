import type { TaskSession, TaskView } from '@wegent/client';
import { useMemo, useState } from 'react';
import { ConnectionLine } from '../chat/connection-line.tsx';
import { ConversationFrame } from '../chat/conversation-frame.tsx';
import { DropArea } from '../chat/drop-area.tsx';
import { FinishedNotice } from '../chat/finished-notice.tsx';
import { MessageList } from '../chat/message-list.tsx';
import { OpenTask } from '../chat/open-task.tsx';
import { Reply } from '../chat/reply.tsx';
import { WaitingLine } from '../chat/waiting-line.tsx';
import { taskLink } from '../frame/links.ts';
import { Redirect } from '../ui/redirect.tsx';
import { ReviewProvider } from './changes/review-context.tsx';
import { CodeTaskProvider } from './code-context.tsx';
import { CodeHeader } from './code-header.tsx';
import { SidePanel } from './side-panel.tsx';
import { hasBegun } from './turn-changes.ts';
import { useCodeExtras } from './use-code-extras.tsx';
import { useCodeRefresh } from './use-code-refresh.ts';
import { usePanel } from './use-panel.ts';

/** A coding task: the conversation, and beside it what happens to the code. */
export function CodeTask({ taskId }: { taskId: string }) {
  return (
    <OpenTask taskId={taskId}>
      {({ session, view }) =>
        view.task.spec.type === 'chat' ? (
          <Redirect to={taskLink(view.task)} />
        ) : (
          <ReviewProvider taskId={taskId}>
            <OpenCodeTask session={session} view={view} />
          </ReviewProvider>
        )
      }
    </OpenTask>
  );
}

function OpenCodeTask({ session, view }: { session: TaskSession; view: TaskView }) {
  const { taskId } = view.task;
  const { wide, panel, open, width, keepWidth } = usePanel();
  const [shown, setShown] = useState<{ turn?: string; path?: string }>({});
  const [filePath, setFilePath] = useState<string>();
  useCodeRefresh(view);
  const begun = hasBegun(view.messages);
  const controls = useMemo(
    () => ({
      taskId,
      begun,
      panel,
      openPanel: open,
      shown,
      showChanges: (what: { turn?: string; path?: string }) => {
        setShown(what);
        open('changes');
      },
      filePath,
      showFile: (path: string | undefined) => {
        setFilePath(path);
        if (path !== undefined) open('files');
      },
    }),
    [taskId, begun, panel, open, shown, filePath],
  );
  return (
    <CodeTaskProvider value={controls}>
      <CodeConversation session={session} view={view} wide={wide} width={width} keepWidth={keepWidth} />
    </CodeTaskProvider>
  );
}

function CodeConversation({
  session,
  view,
  wide,
  width,
  keepWidth,
}: {
  session: TaskSession;
  view: TaskView;
  wide: boolean;
  width: number;
  keepWidth: (width: number) => void;
}) {
  const extras = useCodeExtras();
  return (
    <ConversationFrame session={session} view={view} extras={extras}>
      <div className="flex h-full flex-col">
        <CodeHeader view={view} />
        <div className="flex min-h-0 flex-1">
          <DropArea className="flex min-w-0 flex-1 flex-col">
            <MessageList view={view} />
            <ConnectionLine />
            <WaitingLine task={view.task} />
            <Reply view={view} />
            <FinishedNotice messages={view.messages} />
          </DropArea>
          <SidePanel view={view} wide={wide} width={width} keepWidth={keepWidth} />
        </div>
      </div>
    </ConversationFrame>
  );
}
