import { useTranslation } from 'react-i18next';
import type { Todo } from './read-todos.ts';

/** What the agent means to do, as a list with ticks. */
export function TodoList({ todos }: { todos: readonly Todo[] }) {
  const { t } = useTranslation('tools');
  return (
    <ul className="flex flex-col gap-0.5 text-[14px]" data-testid="todos">
      {todos.map(({ content, status, activeForm }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: the place is what an entry is known by.
        <li key={index} className="flex items-start gap-2">
          <Box status={status} />
          <span className="sr-only">{t(`todo.${status}`)}</span>
          <span
            className={
              status === 'completed' ? 'text-faint line-through' : status === 'pending' ? 'text-muted' : ''
            }
          >
            {status === 'in_progress' ? (activeForm ?? content) : content}
          </span>
        </li>
      ))}
    </ul>
  );
}

function Box({ status }: { status: Todo['status'] }) {
  return (
    <svg
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth="1.5"
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      className={`mt-1 size-4 flex-none ${status === 'completed' ? 'text-success' : status === 'in_progress' ? 'text-accent' : 'text-faint'}`}
    >
      <rect x="2" y="2" width="12" height="12" rx="3" />
      {status === 'completed' && <path d="m5 8.2 2.2 2.2L11 6" />}
      {status === 'in_progress' && <circle cx="8" cy="8" r="2" fill="currentColor" stroke="none" />}
    </svg>
  );
}
