import { memberName, type TaskItem } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import Link from 'next/link';
import { useTranslation } from 'react-i18next';
import { type DrawnMember, drawnMembers } from '../../chat/team/drawn-members.ts';
import { TeamDrawing } from '../../chat/team/team-drawing.tsx';
import { flatRuns, turnRuns } from '../../chat/team/turn-runs.ts';
import { useTaskSession } from '../../chat/use-task-session.ts';
import { taskLink } from '../../frame/links.ts';
import { TaskMark } from '../../tasks/task-mark.tsx';
import type { Agent } from '../use-teams.ts';
import { useLiveTask } from './use-live-task.ts';

/** How the members of an agent work together; while it answers one of the person's messages, who is at work is lit. */
export function AgentDrawing({ agent }: { agent: Agent }) {
  const { t } = useTranslation('team');
  const task = useLiveTask(agent);
  if (task) return <LiveDrawing key={task.taskId} agent={agent} task={task} />;
  return (
    <>
      <Drawing agent={agent} members={stillMembers(agent)} />
      <p role="status" className="border-t border-line px-4 py-2.5 text-[14px] text-muted">
        {t('view.idle')}
      </p>
    </>
  );
}

function LiveDrawing({ agent, task }: { agent: Agent; task: TaskItem }) {
  const { t } = useTranslation('team');
  const { t: tasks } = useTranslation('tasks');
  const open = useTaskSession(task.taskId);
  const view = open?.state.status === 'open' ? open.state.view : undefined;
  const answer = view?.messages.findLast(({ role }) => role === 'assistant');
  return (
    <>
      <Drawing agent={agent} members={liveMembers(agent, answer)} />
      <p role="status" className="flex items-center gap-2 border-t border-line px-4 py-2.5 text-[14px]">
        <TaskMark phase={task.phase} />
        <span className="min-w-0 flex-1 truncate text-muted">
          {t(task.phase === 'WaitingForInput' ? 'view.waits' : 'view.live', {
            title: task.title || tasks('untitled'),
          })}
        </span>
        <Link href={taskLink(task)} className="flex-none text-accent!">
          {t('view.open')}
        </Link>
      </p>
    </>
  );
}

function Drawing({ agent, members }: { agent: Agent; members: readonly DrawnMember[] }) {
  return <TeamDrawing mode={agent.spec.collaborationModel} members={members} name={agent.displayName} />;
}

function liveMembers(agent: Agent, answer: TaskMessage | undefined): DrawnMember[] {
  if (answer?.turn) {
    const { turn, runs = [], blocks } = answer;
    return drawnMembers(turn, flatRuns(turnRuns({ turn, runs, blocks, settled: false })));
  }
  // Where one member answers alone, it is the one.
  const members = stillMembers(agent);
  const speaker = Math.max(
    0,
    members.findIndex(({ leader }) => leader),
  );
  return members.map((member, index) => (index === speaker ? { ...member, state: 'running' } : member));
}

function stillMembers({ spec }: Agent): DrawnMember[] {
  return spec.members.map((member) => ({
    name: memberName(member),
    about: member.botRef.name,
    leader: member.role === 'leader' && spec.members.length > 1,
    gate: member.requireConfirmation === true && spec.collaborationModel === 'pipeline',
  }));
}
