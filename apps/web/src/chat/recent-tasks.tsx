import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { taskLink } from '../frame/links.ts';
import { TaskMark } from '../tasks/task-mark.tsx';
import { useTaskList } from '../tasks/use-task-list.ts';
import { RelativeTime } from '../ui/relative-time.tsx';

const SHOWN = 3;

/** The newest conversations, to go on with. */
export function RecentTasks() {
  const { t } = useTranslation('chat');
  const { data = [] } = useTaskList();
  if (data.length === 0) return null;
  return (
    <section aria-labelledby="recent-chats" className="mx-auto mt-2 w-full max-w-[560px]">
      <h2 id="recent-chats" className="px-3 pb-1 text-[13px] font-medium text-faint">
        {t('recent')}
      </h2>
      <ul>
        {data.slice(0, SHOWN).map((task) => (
          <li key={task.taskId}>
            <Link
              href={taskLink(task)}
              className="flex items-center gap-2.5 rounded-control px-3 py-1.5 text-[14px] hover:bg-hover"
            >
              <TaskMark phase={task.phase} />
              <span className="min-w-0 flex-1 truncate">{task.title}</span>
              <span className="flex-none text-[13px] text-faint">
                <RelativeTime at={task.updatedAt} />
              </span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
