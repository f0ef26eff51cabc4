import { useMutation, useQueryClient } from '@tanstack/react-query';
import { ApiError } from '@wegent/api';
import { App } from 'antd';
import { useTranslation } from 'react-i18next';
import { useApi } from '../session/session-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { useCodeTask } from './code-context.tsx';
import { taskKey } from './use-code-refresh.ts';

/** Takes back what a turn changed, after asking; later changes to the same lines stand in its way, and it says so. */
export function useRevert(executionId: string, count: number) {
  const { t } = useTranslation('code');
  const { taskId } = useCodeTask();
  const { workspaces } = useApi();
  const { modal, message } = App.useApp();
  const client = useQueryClient();
  const errorText = useErrorText();
  const revert = useMutation({
    mutationFn: () => workspaces.revert(taskId, executionId),
    onSuccess: ({ files }) => void message.success(t('turn.reverted', { count: files.length })),
    onError: (error) => {
      const { title, detail } = errorText(error);
      const conflict = error instanceof ApiError && error.reason === 'Conflict';
      modal.error({
        title: t(conflict ? 'turn.conflict' : 'turn.failed'),
        content: (
          <div className="flex flex-col gap-2">
            <p>{conflict ? t('turn.conflictBody') : title}</p>
            {detail && <p className="text-[13px] [overflow-wrap:anywhere] text-muted">{detail}</p>}
          </div>
        ),
      });
    },
    onSettled: () => client.invalidateQueries({ queryKey: taskKey(taskId) }),
  });
  const confirm = () =>
    void modal.confirm({
      title: t('turn.revertTitle'),
      content: t('turn.revertBody', { count }),
      okText: t('turn.revert'),
      autoFocusButton: 'cancel',
      // What goes wrong is told by the dialog above.
      onOk: () => revert.mutateAsync().catch(() => undefined),
    });
  return { confirm, pending: revert.isPending };
}
