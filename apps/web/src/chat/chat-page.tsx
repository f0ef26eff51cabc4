import { useSearchParams } from 'next/navigation';
import { useTaskSignals } from '../tasks/use-task-list.ts';
import './chat.css';
import { Conversation } from './conversation.tsx';
import { NewChat } from './new-chat.tsx';

/** A conversation, or the start of one. */
export function ChatPage() {
  const query = useSearchParams();
  const taskId = query.get('task');
  useTaskSignals();
  return taskId ? (
    <Conversation key={taskId} taskId={taskId} />
  ) : (
    <NewChat key="new" wanted={query.get('agent')} />
  );
}
