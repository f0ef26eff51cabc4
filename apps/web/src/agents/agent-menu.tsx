import {
  CopyOutlined,
  DeleteOutlined,
  DownloadOutlined,
  EditOutlined,
  EyeOutlined,
  MoreOutlined,
} from '@ant-design/icons';
import { useQueryClient } from '@tanstack/react-query';
import { ApiError } from '@wegent/api';
import { App, Button, Dropdown } from 'antd';
import { useRouter } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { usersNamedIn } from '../models/in-use.ts';
import { useApi } from '../session/session-provider.tsx';
import { useErrorText } from '../ui/use-error-text.ts';
import { keyOfPlace } from './draft/agent-document.ts';
import { draftOfTeam } from './draft/agent-draft.ts';
import { downloadYaml } from './editor/download-yaml.ts';
import { loadCatalog } from './editor/use-catalog.ts';
import type { Spaces } from './editor/use-spaces.ts';
import type { Agent } from './use-teams.ts';

/** Edit, duplicate, export and delete, as far as the person may. */
export function AgentMenu({ agent, spaces }: { agent: Agent; spaces: Spaces }) {
  const { t } = useTranslation('agents');
  const { t: common } = useTranslation();
  const { resources } = useApi();
  const { message, modal } = App.useApp();
  const client = useQueryClient();
  const router = useRouter();
  const errorText = useErrorText();
  const { name, namespace, displayName } = agent;
  const writable = spaces.canWrite(namespace);
  const fail = (error: unknown) => void message.error(errorText(error).title);

  const exportYaml = async () => {
    try {
      const catalog = await loadCatalog(resources);
      const team = catalog.objects.get(keyOfPlace({ kind: 'Team', namespace, name }));
      if (team) downloadYaml(draftOfTeam(team, catalog), catalog);
    } catch (error) {
      fail(error);
    }
  };
  const remove = async (force: boolean) => {
    try {
      await resources.remove({ plural: 'teams', namespace, name }, force ? { force } : {});
      void message.success(t('remove.done', { name: displayName }));
      await client.invalidateQueries({ queryKey: ['teams'] });
    } catch (error) {
      if (error instanceof ApiError && error.reason === 'Conflict' && !force) confirmForce(error);
      else fail(error);
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
      onOk: () => remove(true),
    });
  const confirmRemoval = () =>
    void modal.confirm({
      title: t('remove.title', { name: displayName }),
      content: t('remove.body'),
      okText: common('actions.delete'),
      okButtonProps: { danger: true },
      onOk: () => remove(false),
    });
  const place = new URLSearchParams({ ns: namespace, name });
  const copy = new URLSearchParams({ copy: `${namespace}/${name}` });
  return (
    <Dropdown
      autoFocus
      trigger={['click']}
      placement="bottomRight"
      menu={{
        items: [
          {
            key: 'edit',
            icon: writable ? <EditOutlined /> : <EyeOutlined />,
            label: t(writable ? 'editAgent' : 'viewAgent'),
            onClick: () => router.push(`/agents/edit?${place}`),
          },
          {
            key: 'copy',
            icon: <CopyOutlined />,
            label: t(writable ? 'duplicate' : 'duplicateToMine'),
            onClick: () => router.push(`/agents/edit?${copy}`),
          },
          {
            key: 'export',
            icon: <DownloadOutlined />,
            label: t('exportYaml'),
            onClick: () => void exportYaml(),
          },
          ...(spaces.canDelete(namespace)
            ? [
                { type: 'divider' as const },
                {
                  key: 'delete',
                  icon: <DeleteOutlined />,
                  label: common('actions.delete'),
                  danger: true,
                  onClick: confirmRemoval,
                },
              ]
            : []),
        ],
      }}
    >
      <Button type="text" icon={<MoreOutlined />} aria-label={t('actionsFor', { name: displayName })} />
    </Dropdown>
  );
}
