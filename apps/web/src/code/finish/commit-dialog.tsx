import type { TaskRepository } from '@wegent/api';
import type { TaskView } from '@wegent/client';
import { Alert, App, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useCodeTask } from '../code-context.tsx';
import { GitFailure } from './git-failure.tsx';
import { commitMessage } from './suggestions.ts';
import { useFinishSteps } from './use-repository.ts';

/** The message of a commit of everything that changed; its author is the person. */
export function CommitDialog({
  view,
  repository,
  onClosed,
}: {
  view: TaskView;
  repository: TaskRepository;
  onClosed: () => void;
}) {
  const { t } = useTranslation('code');
  const { message: toast } = App.useApp();
  const { taskId } = useCodeTask();
  const { commit } = useFinishSteps(taskId);
  const [open, setOpen] = useState(true);
  const [text, setText] = useState(() => commitMessage(view.task.title));
  const submit = () =>
    commit.mutate(text.trim(), {
      onSuccess: (result) => {
        void toast.success(t('finish.committed', { commit: result.commit.slice(0, 8) }));
        setOpen(false);
      },
    });
  return (
    <Modal
      open={open}
      title={t('finish.commitTitle', { count: repository.uncommitted })}
      okText={t('finish.commit')}
      okButtonProps={{ disabled: text.trim() === '', loading: commit.isPending }}
      onOk={submit}
      onCancel={() => setOpen(false)}
      afterClose={onClosed}
    >
      <Form layout="vertical" component={false}>
        {commit.error && (
          <Alert
            type="error"
            className="mb-4!"
            title={t('finish.commitFailed')}
            description={<GitFailure error={commit.error} />}
          />
        )}
        <Form.Item label={t('finish.message')} extra={t('finish.commitHint', { branch: repository.branch })}>
          <Input.TextArea
            autoFocus
            autoSize={{ minRows: 3, maxRows: 14 }}
            maxLength={10_000}
            data-testid="commit-message"
            value={text}
            onChange={({ target }) => setText(target.value)}
            onKeyDown={(event) => {
              if (event.key === 'Enter' && (event.ctrlKey || event.metaKey) && text.trim() !== '') submit();
            }}
          />
        </Form.Item>
      </Form>
    </Modal>
  );
}
