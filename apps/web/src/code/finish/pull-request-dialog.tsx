import type { TaskRepository } from '@wegent/api';
import type { TaskView } from '@wegent/client';
import { Alert, App, Checkbox, Form, Input, Modal } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRequired } from '../../ui/use-required.ts';
import { useCodeTask } from '../code-context.tsx';
import { GitFailure } from './git-failure.tsx';
import { pullRequestBody, pullRequestTitle } from './suggestions.ts';
import { useFinishSteps } from './use-repository.ts';

interface PullRequestValues {
  title: string;
  body: string;
  targetBranch: string;
  draft: boolean;
}

/** Title, text and target of a pull request, filled in from the task. */
export function PullRequestDialog({
  view,
  repository,
  onClosed,
}: {
  view: TaskView;
  repository: TaskRepository;
  onClosed: () => void;
}) {
  const { t } = useTranslation('code');
  const { message } = App.useApp();
  const { taskId } = useCodeTask();
  const required = useRequired();
  const { pullRequest } = useFinishSteps(taskId);
  const [open, setOpen] = useState(true);
  const [form] = Form.useForm<PullRequestValues>();
  const submit = ({ title, body, targetBranch, draft }: PullRequestValues) =>
    pullRequest.mutate(
      { title: title.trim(), body, targetBranch: targetBranch.trim(), ...(draft ? { draft } : {}) },
      {
        onSuccess: ({ number }) => {
          void message.success(t('finish.created', { number }));
          setOpen(false);
        },
      },
    );
  const heading = t(repository.hostType === 'gitlab' ? 'finish.createMerge' : 'finish.create');
  return (
    <Modal
      open={open}
      title={heading}
      width={640}
      okText={heading}
      okButtonProps={{ loading: pullRequest.isPending }}
      onOk={form.submit}
      onCancel={() => setOpen(false)}
      afterClose={onClosed}
    >
      <Form<PullRequestValues>
        form={form}
        layout="vertical"
        className="pt-2"
        initialValues={{
          title: pullRequestTitle(view.task.title),
          body: pullRequestBody(view.messages),
          targetBranch: repository.baseBranch,
          draft: false,
        }}
        onFinish={submit}
      >
        {pullRequest.error && (
          <Alert
            type="error"
            className="mb-4!"
            title={t('finish.createFailed')}
            description={<GitFailure error={pullRequest.error} />}
          />
        )}
        <Form.Item name="title" label={t('finish.title')} rules={[required]}>
          <Input autoFocus maxLength={500} data-testid="pull-request-title" />
        </Form.Item>
        <Form.Item name="body" label={t('finish.body')}>
          <Input.TextArea autoSize={{ minRows: 4, maxRows: 16 }} maxLength={100_000} />
        </Form.Item>
        <Form.Item name="targetBranch" label={t('finish.target')} rules={[required]}>
          <Input spellCheck={false} maxLength={255} />
        </Form.Item>
        <Form.Item name="draft" valuePropName="checked" noStyle>
          <Checkbox>{t('finish.draft')}</Checkbox>
        </Form.Item>
      </Form>
    </Modal>
  );
}
