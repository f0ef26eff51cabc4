import type { TaskSession, TaskView } from '@wegent/client';
import type { ReactNode } from 'react';
import { MissingTask } from './missing-task.tsx';
import { OpeningTask } from './opening-task.tsx';
import { useTaskSession } from './use-task-session.ts';

/** Opens a task, live, and draws what is in it; says so where it cannot be opened. */
export function OpenTask({
  taskId,
  children,
}: {
  taskId: string;
  children: (open: { session: TaskSession; view: TaskView }) => ReactNode;
}) {
  const open = useTaskSession(taskId);
  if (!open || open.state.status === 'opening') return <OpeningTask />;
  if (open.state.status === 'refused') return <MissingTask error={open.state.error} />;
  if (open.state.view.deleted) return <MissingTask />;
  return children({ session: open.session, view: open.state.view });
}
