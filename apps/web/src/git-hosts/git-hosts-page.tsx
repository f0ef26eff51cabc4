import { BranchesOutlined, PlusOutlined } from '@ant-design/icons';
import type { GitHost } from '@wegent/api';
import { Button } from 'antd';
import { useSearchParams } from 'next/navigation';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { SettingsPage } from '../settings/settings-page.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { HostModal } from './host-modal.tsx';
import { HostRow } from './host-row.tsx';
import { useGitHosts } from './use-git-hosts.ts';

/** The git hosts that agents may work with in the name of the person. */
export function GitHostsPage() {
  const { t } = useTranslation('git');
  const hosts = useGitHosts();
  const wanted = useSearchParams().get('add');
  const [editing, setEditing] = useState<{ opening: number; host?: GitHost } | undefined>(
    wanted === null ? undefined : { opening: 0 },
  );
  const edit = (host?: GitHost) =>
    setEditing((before) => ({ opening: (before?.opening ?? 0) + 1, ...(host ? { host } : {}) }));
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => edit()}>
      {t('hosts.add')}
    </Button>
  );
  return (
    <SettingsPage section="git">
      {hosts.isPending && <Waiting what={t('hosts.loading')} />}
      {hosts.error && <ErrorNotice error={hosts.error} onRetry={() => void hosts.refetch()} />}
      {hosts.data?.length === 0 && (
        <EmptyState icon={<BranchesOutlined />} title={t('hosts.empty')} action={add}>
          {t('hosts.emptyBody')}
        </EmptyState>
      )}
      {hosts.data && hosts.data.length > 0 && (
        <>
          <div className="mb-4 flex justify-end">{add}</div>
          <ul className="divide-y divide-line rounded-xl border border-line bg-raised">
            {hosts.data.map((host) => (
              <HostRow key={host.domain} host={host} onEdit={() => edit(host)} />
            ))}
          </ul>
        </>
      )}
      {editing && (
        <HostModal
          key={editing.opening}
          {...(editing.host ? { stored: editing.host } : {})}
          domain={wanted ?? ''}
          onClosed={() => setEditing(undefined)}
        />
      )}
    </SettingsPage>
  );
}
