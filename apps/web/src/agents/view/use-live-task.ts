import type { TaskItem } from '@wegent/api';
import { useTaskList } from '../../tasks/use-task-list.ts';

const AT_WORK: readonly TaskItem['phase'][] = ['Pending', 'Running', 'WaitingForInput', 'Cancelling'];

/** The newest of the person's tasks in which an agent is at work; it changes as they begin and end. */
export function useLiveTask({ namespace, name }: { namespace: string; name: string }): TaskItem | undefined {
  const { data = [] } = useTaskList();
  return data.find(
    ({ phase, team }) => AT_WORK.includes(phase) && team?.namespace === namespace && team.name === name,
  );
}
