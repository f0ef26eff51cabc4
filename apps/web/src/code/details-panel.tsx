import type { TaskView } from '@wegent/client';
import { useTranslation } from 'react-i18next';
import { TaskMark } from '../tasks/task-mark.tsx';
import { RelativeTime } from '../ui/relative-time.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { visibleName } from '../ui/visible-name.ts';
import { useCodeTask } from './code-context.tsx';
import { Copyable, Group, Row } from './detail-rows.tsx';
import { PullRequestDetails } from './finish/pull-request-details.tsx';
import { useRepository } from './finish/use-repository.ts';
import { SandboxDetails } from './sandbox-details.tsx';
import { TaskUsage } from './task-usage.tsx';

/** Everything about the task that is not its conversation: repository, branch, pull request, sandbox, usage. */
export function DetailsPanel({ view }: { view: TaskView }) {
  const { t } = useTranslation('code');
  const { t: tasks } = useTranslation('tasks');
  const { taskId } = useCodeTask();
  const { data: repository, error } = useRepository();
  const failure = useErrorText()(error);
  const { task } = view;
  const branch = repository?.branch ?? task.status?.branch;
  return (
    <div className="h-full overflow-y-auto px-5 py-4 text-[14px]" data-testid="details">
      <Group title={t('details.task')}>
        <Row label={t('details.state')}>
          <span className="inline-flex items-center gap-2">
            <TaskMark phase={task.phase} />
            {tasks(`phase.${task.phase}`)}
          </span>
        </Row>
        <Row label={t('details.changed')}>
          <RelativeTime at={task.updatedAt} />
        </Row>
        <Row label={t('details.id')}>
          <Copyable text={taskId} />
        </Row>
      </Group>
      <Group title={t('details.repository')}>
        {repository && (
          <Row label={t('details.address')}>
            <Copyable text={repository.gitUrl} />
          </Row>
        )}
        {branch && (
          <Row label={t('details.branch')}>
            <Copyable text={branch} />
          </Row>
        )}
        {repository && (
          <>
            <Row label={t('details.base')}>
              <code>{visibleName(repository.baseBranch)}</code>
            </Row>
            <Row label={t('details.commits')}>
              {t('details.commitsOf', { count: repository.commits })}
              {repository.ahead > 0 && (
                <span className="text-muted"> · {t('details.ahead', { count: repository.ahead })}</span>
              )}
            </Row>
            <Row label={t('details.uncommitted')}>
              {t('details.files', { count: repository.uncommitted })}
            </Row>
            <Row label={t('details.remote')}>
              {repository.remoteProblem ? (
                <span className="text-error">{repository.remoteProblem}</span>
              ) : repository.remoteHead ? (
                <code>{repository.remoteHead.slice(0, 8)}</code>
              ) : (
                <span className="text-muted">{t('details.notPushed')}</span>
              )}
            </Row>
          </>
        )}
        {!repository && (
          <Row label={t('details.state')}>
            <span className="text-muted">
              {error ? (failure.detail ?? failure.title) : t('details.notYet')}
            </span>
          </Row>
        )}
      </Group>
      {repository?.pullRequest && (
        <Group title={t(repository.hostType === 'gitlab' ? 'details.mergeRequest' : 'details.pullRequest')}>
          <PullRequestDetails pullRequest={repository.pullRequest} />
        </Group>
      )}
      <SandboxDetails executor={task.status?.executor} />
      <TaskUsage view={view} />
    </div>
  );
}
