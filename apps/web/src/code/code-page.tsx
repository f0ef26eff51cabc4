import { useSearchParams } from 'next/navigation';
import '../chat/chat.css';
import { CodeTask } from './code-task.tsx';
import { NewCodeTask } from './start/new-code-task.tsx';

/** A coding task, or the start of one. */
export function CodePage() {
  const query = useSearchParams();
  const taskId = query.get('task');
  return taskId ? (
    <CodeTask key={taskId} taskId={taskId} />
  ) : (
    <NewCodeTask key="new" wanted={query.get('agent')} />
  );
}
