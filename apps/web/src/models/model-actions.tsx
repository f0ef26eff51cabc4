import { DeleteOutlined, EditOutlined, MoreOutlined, ThunderboltOutlined } from '@ant-design/icons';
import { ApiError } from '@wegent/api';
import { App, Button, Dropdown } from 'antd';
import { useTranslation } from 'react-i18next';
import { useErrorText } from '../ui/use-error-text.ts';
import { usersNamedIn } from './in-use.ts';
import { TestResult } from './test-result.tsx';
import { type ModelEntry, useDeleteModel, useTestModel } from './use-models.ts';

interface ModelActionsProps {
  model: ModelEntry;
  /** May the person change it? */
  editable: boolean;
  onEdit: () => void;
}

/** Test, edit and delete. What is in use is deleted only after saying so a second time. */
export function ModelActions({ model, editable, onEdit }: ModelActionsProps) {
  const { t } = useTranslation('models');
  const { message, modal } = App.useApp();
  const errorText = useErrorText();
  const remove = useDeleteModel();
  const test = useTestModel();
  const { name, namespace, displayName } = model;

  const runTest = async () => {
    try {
      const result = await test.mutateAsync({ name, namespace });
      if (result.ok) void message.success(t('test.ok', { ms: Math.round(result.latencyMs) }));
      else modal.error({ title: displayName, content: <TestResult result={result} />, width: 520 });
    } catch (error) {
      void message.error(errorText(error).title);
    }
  };

  const deleteModel = async (force: boolean) => {
    try {
      await remove.mutateAsync({ name, namespace, force });
      void message.success(t('remove.done', { name: displayName }));
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'Conflict' && !force) confirmForce(error);
      else void message.error(errorText(error).title);
    }
  };

  const confirmForce = (error: ApiError) =>
    void modal.confirm({
      title: t('remove.inUse', { name: displayName }),
      content: (
        <>
          <p className="mb-3 break-words">{t('remove.usedBy', { users: usersNamedIn(error.message) })}</p>
          <p className="text-muted">{t('remove.inUseBody')}</p>
        </>
      ),
      okText: t('remove.force'),
      okButtonProps: { danger: true },
      onOk: () => deleteModel(true),
    });

  const confirmDelete = () =>
    void modal.confirm({
      title: t('remove.title', { name: displayName }),
      content: t('remove.body'),
      okText: t('actions.delete', { ns: 'common' }),
      okButtonProps: { danger: true },
      onOk: () => deleteModel(false),
    });

  return (
    <div className="flex flex-none items-center gap-1">
      <Button
        className="max-sm:hidden!"
        icon={<ThunderboltOutlined />}
        loading={test.isPending}
        onClick={() => void runTest()}
      >
        {t('test.action')}
      </Button>
      <Dropdown
        autoFocus
        trigger={['click']}
        placement="bottomRight"
        menu={{
          items: [
            {
              key: 'test',
              icon: <ThunderboltOutlined />,
              label: t('test.action'),
              onClick: () => void runTest(),
            },
            ...(editable
              ? [
                  {
                    key: 'edit',
                    icon: <EditOutlined />,
                    label: t('actions.edit', { ns: 'common' }),
                    onClick: onEdit,
                  },
                  { type: 'divider' as const },
                  {
                    key: 'delete',
                    icon: <DeleteOutlined />,
                    label: t('actions.delete', { ns: 'common' }),
                    danger: true,
                    onClick: confirmDelete,
                  },
                ]
              : []),
          ],
        }}
      >
        <Button type="text" icon={<MoreOutlined />} aria-label={t('actionsFor', { name: displayName })} />
      </Dropdown>
    </div>
  );
}
