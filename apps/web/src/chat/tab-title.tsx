import { useSearchParams } from 'next/navigation';
import { countAttention } from '../tasks/task-pages.ts';
import { useTaskList } from '../tasks/use-task-list.ts';
import { useVisible } from '../tasks/use-visible.ts';
import { PageTitle } from '../ui/page-title.tsx';

/** Names the browser tab after the page, with the number of chats that want to be looked at in front. */
export function TabTitle({ title }: { title: string }) {
  const { data = [] } = useTaskList();
  const open = useSearchParams().get('task');
  const seen = useVisible() ? open : null;
  return <PageTitle title={title} badge={countAttention(data, seen)} />;
}
