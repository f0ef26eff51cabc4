import { useQueryClient } from '@tanstack/react-query';
import type { TaskItem } from '@wegent/api';
import { App } from 'antd';
import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { newChatLink } from '../frame/links.ts';
import { useApi } from '../session/session-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';

/** What a person can do with a task wherever it is listed. Failures are reported in place. */
export function useTaskActions(task: Pick<TaskItem, 'taskId' | 'title'>) {
  const { t } = useTranslation('tasks');
  const { t: common } = useTranslation();
  const { tasks } = useApi();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const router = useRouter();
  const open = useSearchParams().get('task') === task.taskId;
  const errorText = useErrorText();

  async function attempt(work: () => Promise<unknown>): Promise<void> {
    try {
      await work();
      await client.invalidateQueries({ queryKey: ['tasks'] });
    } catch (error) {
      void message.error(errorText(error).title);
    }
  }

  return {
    rename: (title: string) => attempt(() => tasks.rename(task.taskId, title)),
    confirmRemoval: () =>
      void modal.confirm({
        title: t('deleteTitle'),
        content: t('deleteBody', { title: task.title }),
        okText: common('actions.delete'),
        okButtonProps: { danger: true },
        cancelText: common('actions.cancel'),
        autoFocusButton: 'cancel',
        onOk: () =>
          attempt(async () => {
            await tasks.remove(task.taskId);
            if (open) router.replace(newChatLink());
          }),
      }),
  };
}
