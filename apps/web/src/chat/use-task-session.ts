import { createTaskSession, type TaskSession, type TaskSessionState } from '@wegent/client';
import { useEffect, useState } from 'react';
import { useApi, useUser } from '../session/session-provider.tsx';
import { useChatSocket } from '../session/socket-provider.tsx';

/** An open task: what is known of it, and how to act in it. */
export interface OpenTask {
  session: TaskSession;
  state: TaskSessionState;
}

/** Opens a task for as long as the component is there; undefined for one moment at first. */
export function useTaskSession(taskId: string): OpenTask | undefined {
  const socket = useChatSocket();
  const { tasks } = useApi();
  const { id: userId, displayName, username } = useUser();
  const name = displayName ?? username;
  const [open, setOpen] = useState<OpenTask>();
  useEffect(() => {
    const session = createTaskSession({
      socket,
      taskId,
      me: { userId, name },
      onChange: (state) => setOpen({ session, state }),
      loadMessages: async (before) => (await tasks.messages(taskId, { before })).items,
    });
    setOpen({ session, state: session.state() });
    return () => session.close();
  }, [socket, taskId, tasks, userId, name]);
  return open;
}
