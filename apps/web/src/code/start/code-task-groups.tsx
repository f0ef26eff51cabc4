import { groupTasks } from '@wegent/client';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { usePendingDecisions } from '../../approvals/use-decisions.ts';
import { taskLink } from '../../frame/links.ts';
import { TaskMark } from '../../tasks/task-mark.tsx';
import { useMinute } from '../../tasks/use-minute.ts';
import { useTaskList } from '../../tasks/use-task-list.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { visibleName } from '../../ui/visible-name.ts';

const RECENT = 6;

/** The coding tasks that need the person, that run, and the latest others. */
export function CodeTaskGroups() {
  const { t } = useTranslation('code');
  const { t: tasks } = useTranslation('tasks');
  const { data = [] } = useTaskList();
  const decisions = usePendingDecisions();
  const { needsYou, running, today, earlier } = groupTasks(
    data.filter(({ spec }) => spec.type === 'code'),
    useMinute(),
  );
  const groups = [
    { name: tasks('group.needsYou'), items: needsYou },
    { name: tasks('group.running'), items: running },
    { name: t('start.recentTasks'), items: [...today, ...earlier].slice(0, RECENT) },
  ].filter(({ items }) => items.length > 0);
  return groups.map(({ name, items }) => (
    <section key={name} aria-label={name}>
      <h2 className="px-3 pb-1 text-[13px] font-medium text-faint">{name}</h2>
      <ul>
        {items.map((task) => {
          const waits = decisions.find(({ taskId }) => taskId === task.taskId)?.title;
          const { branch } = task.status ?? {};
          return (
            <li key={task.taskId}>
              <Link
                href={taskLink(task)}
                className="flex items-center gap-2.5 rounded-control px-3 py-1.5 text-[14px] hover:bg-hover"
              >
                <TaskMark phase={task.phase} />
                <span className="min-w-0 flex-1">
                  <span className="block truncate">{task.title}</span>
                  {(waits ?? branch) && (
                    <span
                      className={`block truncate text-[13px] leading-5 ${waits ? 'text-warning' : 'text-faint'}`}
                    >
                      {visibleName(waits ?? branch ?? '')}
                    </span>
                  )}
                </span>
                <span className="flex-none text-[13px] text-faint">
                  <RelativeTime at={task.updatedAt} />
                </span>
              </Link>
            </li>
          );
        })}
      </ul>
    </section>
  ));
}
