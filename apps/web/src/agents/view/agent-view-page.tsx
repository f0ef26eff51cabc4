import { EditOutlined, EyeOutlined, RobotOutlined } from '@ant-design/icons';
import { memberName, PUBLIC_NAMESPACE } from '@wegent/api';
import { Button, Tag } from 'antd';
import { useRouter, useSearchParams } from 'next/navigation';
import { useTranslation } from 'react-i18next';
import { newTaskLink } from '../../frame/links.ts';
import { useTaskSignals } from '../../tasks/use-task-list.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { Monogram } from '../../ui/monogram.tsx';
import { Page } from '../../ui/page.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { Waiting } from '../../ui/waiting.tsx';
import { useSpaces } from '../editor/use-spaces.ts';
import { type Agent, useTeams } from '../use-teams.ts';
import { AgentDrawing } from './agent-drawing.tsx';

/** About an agent (`ns`, `name`): what it is for, who is in it, how they work together, and who is at work now. */
export function AgentViewPage() {
  const { t } = useTranslation('team');
  const { t: agents } = useTranslation('agents');
  const query = useSearchParams();
  const spaces = useSpaces();
  const teams = useTeams();
  useTaskSignals();
  const namespace = query.get('ns') ?? spaces.own;
  const agent = teams.data?.find((one) => one.name === query.get('name') && one.namespace === namespace);
  if (teams.error) {
    return (
      <Page title={agents('title')}>
        <ErrorNotice error={teams.error} onRetry={() => void teams.refetch()} />
      </Page>
    );
  }
  if (teams.isPending) {
    return (
      <Page title={agents('title')}>
        <Waiting what={t('view.loading')} />
      </Page>
    );
  }
  if (!agent) {
    return (
      <Page title={agents('editor.missing')}>
        <EmptyState
          icon={<RobotOutlined />}
          title={agents('editor.missing')}
          action={<Button href="/agents">{agents('editor.back')}</Button>}
        >
          {agents('editor.missingBody')}
        </EmptyState>
      </Page>
    );
  }
  return <AgentView agent={agent} writable={spaces.canWrite(agent.namespace)} />;
}

function AgentView({ agent, writable }: { agent: Agent; writable: boolean }) {
  const { t } = useTranslation('team');
  const { t: agents } = useTranslation('agents');
  const router = useRouter();
  const { displayName, name, namespace, spec } = agent;
  const mode = spec.collaborationModel;
  const start = newTaskLink(agent);
  const edit = `/agents/edit?${new URLSearchParams({ ns: namespace, name })}`;
  return (
    <Page
      title={displayName}
      subtitle={spec.description ?? ''}
      actions={
        <>
          <Button icon={writable ? <EditOutlined /> : <EyeOutlined />} onClick={() => router.push(edit)}>
            {t(writable ? 'view.edit' : 'view.look')}
          </Button>
          <Button type="primary" onClick={() => router.push(start)}>
            {agents(start.startsWith('/code') ? 'startCode' : 'startChat')}
          </Button>
        </>
      }
    >
      <div className="flex flex-wrap items-center gap-x-3 gap-y-1 pb-3 text-[14px] text-muted">
        <Tag variant="filled" className="m-0!">
          {agents(`mode.${mode}`)}
        </Tag>
        <span>{t(`mode.${mode}`)}</span>
        {mode === 'collaborate' && (
          <span className="text-faint">{t('view.rounds', { count: spec.rounds ?? 2 })}</span>
        )}
        <span className="text-faint">
          {namespace === PUBLIC_NAMESPACE ? agents('shared') : `${namespace}/${name}`}
        </span>
      </div>
      <div className="overflow-hidden rounded-xl border border-line bg-raised">
        <AgentDrawing agent={agent} />
      </div>
      <h2 className="pt-6 pb-2 font-semibold">{t('view.members')}</h2>
      <ul className="grid gap-2 sm:grid-cols-2">
        {spec.members.map((member) => (
          <li
            key={memberName(member)}
            className="flex min-w-0 items-start gap-3 rounded-xl border border-line bg-raised px-3.5 py-3"
          >
            <Monogram name={visibleName(memberName(member))} size={30} />
            <div className="min-w-0">
              <p className="truncate font-medium">{visibleName(memberName(member))}</p>
              <p className="text-[13px] leading-5 [overflow-wrap:anywhere] text-muted">
                {visibleName(member.botRef.name)}
                {member.role === 'leader' && <span className="text-accent"> · {t('view.leader')}</span>}
                {member.requireConfirmation && mode === 'pipeline' && (
                  <span className="text-warning"> · {t('view.gate')}</span>
                )}
              </p>
              {member.description && (
                <p className="line-clamp-2 text-[13px] leading-5 text-faint">{member.description}</p>
              )}
            </div>
          </li>
        ))}
      </ul>
    </Page>
  );
}
