import type { TaskView } from '@wegent/client';
import { App, Button } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useConversation } from '../../chat/conversation-context.tsx';
import { useCodeTask } from '../code-context.tsx';
import { ChecksMark } from './checks-mark.tsx';
import { CommitDialog } from './commit-dialog.tsx';
import { GitFailure } from './git-failure.tsx';
import { PullRequestDialog } from './pull-request-dialog.tsx';
import { isSafeLink } from './safe-link.ts';
import { useFinishSteps, useRepository } from './use-repository.ts';

/** The next step towards a pull request, as work tree and remote tell it: commit, push, create, view. */
export function FinishButton({ view }: { view: TaskView }) {
  const { t } = useTranslation('code');
  const { taskId } = useCodeTask();
  const { busy } = useConversation();
  const { modal, message } = App.useApp();
  const { data: repository } = useRepository();
  const { push } = useFinishSteps(taskId);
  const [dialog, setDialog] = useState<'commit' | 'pull-request'>();
  if (!repository) return null;
  const { next, pullRequest } = repository;
  const close = () => setDialog(undefined);

  const pushNow = () =>
    push.mutate(undefined, {
      onSuccess: ({ branch }) => void message.success(t('finish.pushed', { branch })),
      onError: (error) =>
        void modal.error({
          title: t('finish.pushFailed'),
          content: <GitFailure error={error} />,
          width: 520,
        }),
    });
  // While the agent works, what it has not finished should not be taken for finished.
  const title = busy ? t('finish.busy') : undefined;
  return (
    <>
      {next === 'commit' && (
        <Button
          type="primary"
          disabled={busy}
          title={title}
          data-testid="finish"
          onClick={() => setDialog('commit')}
        >
          {t('finish.commit')}
        </Button>
      )}
      {next === 'push' && (
        <Button
          type="primary"
          disabled={busy}
          title={title}
          loading={push.isPending}
          data-testid="finish"
          onClick={pushNow}
        >
          {t('finish.push')}
          {repository.ahead > 1 && <span className="opacity-75">{repository.ahead}</span>}
        </Button>
      )}
      {next === 'create-pull-request' && (
        <Button type="primary" data-testid="finish" onClick={() => setDialog('pull-request')}>
          {t(repository.hostType === 'gitlab' ? 'finish.createMerge' : 'finish.create')}
        </Button>
      )}
      {next === 'view-pull-request' && pullRequest && isSafeLink(pullRequest.url) && (
        <Button
          href={pullRequest.url}
          target="_blank"
          rel="noopener noreferrer"
          data-testid="finish"
          icon={<ChecksMark pullRequest={pullRequest} />}
        >
          {t('finish.view', { number: pullRequest.number })}
        </Button>
      )}
      {dialog === 'commit' && <CommitDialog view={view} repository={repository} onClosed={close} />}
      {dialog === 'pull-request' && (
        <PullRequestDialog view={view} repository={repository} onClosed={close} />
      )}
    </>
  );
}
