import { PlusOutlined, RobotOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import { useRouter } from 'next/navigation';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { Page } from '../ui/page.tsx';
import { SearchBox } from '../ui/search-box.tsx';
import { Waiting } from '../ui/waiting.tsx';
import { AgentCard } from './agent-card.tsx';
import { useSpaces } from './editor/use-spaces.ts';
import { useTeams } from './use-teams.ts';

/** All agents as cards, each a click away from a conversation. */
export function AgentsPage() {
  const { t } = useTranslation('agents');
  const router = useRouter();
  const teams = useTeams();
  const spaces = useSpaces();
  const [query, setQuery] = useState('');
  const wanted = query.trim().toLowerCase();
  const found = (teams.data ?? []).filter(({ displayName, name, spec }) =>
    `${displayName} ${name} ${spec.description ?? ''}`.toLowerCase().includes(wanted),
  );
  const add = (
    <Button type="primary" icon={<PlusOutlined />} onClick={() => router.push('/agents/edit')}>
      {t('newAgent')}
    </Button>
  );
  return (
    <Page
      title={t('title')}
      subtitle={t('subtitle')}
      actions={
        <>
          <SearchBox label={t('search')} value={query} onChange={setQuery} />
          {add}
        </>
      }
    >
      {teams.isPending && <Waiting what={t('loading')} />}
      {teams.error && <ErrorNotice error={teams.error} onRetry={() => void teams.refetch()} />}
      {teams.data?.length === 0 && (
        <EmptyState icon={<RobotOutlined />} title={t('empty')} action={add}>
          {t('emptyBody')}
        </EmptyState>
      )}
      {teams.data && teams.data.length > 0 && found.length === 0 && (
        <EmptyState title={t('noMatch', { query })} />
      )}
      <ul className="grid gap-4 sm:grid-cols-2 xl:grid-cols-3">
        {found.map((agent) => (
          <li key={`${agent.namespace}/${agent.name}`}>
            <AgentCard agent={agent} spaces={spaces} />
          </li>
        ))}
      </ul>
    </Page>
  );
}
