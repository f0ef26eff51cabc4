import { TaskMark } from '../tasks/task-mark.tsx';

/** The raised hand: somebody waits for the person. */
export function HandIcon() {
  return (
    <span className="mt-1 flex-none">
      <TaskMark phase="WaitingForInput" />
    </span>
  );
}
