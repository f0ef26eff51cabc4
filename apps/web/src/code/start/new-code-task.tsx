import { BulbOutlined } from '@ant-design/icons';
import { Button, Tooltip } from 'antd';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Composer, type Written } from '../../chat/composer.tsx';
import { ConnectionLine } from '../../chat/connection-line.tsx';
import { DropArea } from '../../chat/drop-area.tsx';
import { TabTitle } from '../../chat/tab-title.tsx';
import { keyOfAgent } from '../../chat/use-chosen-agent.ts';
import { useStartTask } from '../../chat/use-start-task.ts';
import { EmptyState } from '../../ui/empty-state.tsx';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { CodeTaskGroups } from './code-task-groups.tsx';
import { ExecutorNotices } from './executor-notices.tsx';
import { StartFields } from './start-fields.tsx';
import { useCodeDraft } from './use-code-draft.ts';
import { WhatHappens } from './what-happens.tsx';

/** The start of a coding task in one screen: repository, branch, agent, first message, and what will happen. */
export function NewCodeTask({ wanted }: { wanted: string | null }) {
  const { t } = useTranslation('code');
  const { t: common } = useTranslation();
  const draft = useCodeDraft(wanted);
  const { start, sending, error } = useStartTask();
  const [plan, setPlan] = useState(false);
  const [missed, setMissed] = useState(false);
  const { agent, repository, branch, summary, missing, teams } = draft;

  const send = async (written: Written) => {
    if (!agent || !repository || missing.length > 0) {
      setMissed(true);
      return false;
    }
    const workspace = { gitUrl: repository.gitUrl, ...(branch === undefined ? {} : { branchName: branch }) };
    const started = await start({ agent, written, workspace, plan });
    if (started) void draft.remember({ repository, branch, agent: keyOfAgent(agent) });
    return started;
  };
  return (
    <DropArea className="h-full">
      <div className="h-full overflow-y-auto">
        <TabTitle title={common('nav.newCode')} />
        <div className="mx-auto flex min-h-full w-full max-w-[800px] flex-col justify-center gap-5 px-4 py-8">
          <h1 className="text-center text-[26px] leading-9 font-semibold tracking-tight text-balance">
            {t('start.title')}
          </h1>
          {teams.isError && <ErrorNotice error={teams.error} onRetry={() => void teams.refetch()} />}
          {draft.ready && draft.agents.length === 0 && !teams.isError && (
            <EmptyState title={t('start.noAgents')}>{t('start.noAgentsBody')}</EmptyState>
          )}
          <StartFields draft={draft} missed={missed} />
          {summary.data && <ExecutorNotices summary={summary.data} engines={missing} />}
          <div>
            <Composer
              draftKey="new-code"
              placeholder={t('start.prompt')}
              locked={sending}
              tools={<PlanSwitch value={plan} onChange={setPlan} />}
              onSend={send}
            />
            <ConnectionLine />
            {missed && (!repository || missing.length > 0) && (
              <p role="alert" className="px-2 pt-2 text-[14px] text-error">
                {t(repository ? 'start.needEngine' : 'start.needRepository')}
              </p>
            )}
            {error !== undefined && <ErrorNotice error={error} className="mt-3" />}
            <div className="px-2 pt-2.5">
              {summary.data?.available && <WhatHappens summary={summary.data} shells={draft.shells} />}
              {summary.isError && (
                <ErrorNotice error={summary.error} onRetry={() => void summary.refetch()} />
              )}
            </div>
          </div>
          <CodeTaskGroups />
        </div>
      </div>
    </DropArea>
  );
}

function PlanSwitch({ value, onChange }: { value: boolean; onChange: (value: boolean) => void }) {
  const { t } = useTranslation('code');
  return (
    <Tooltip title={t('start.planHint')}>
      <Button
        type="text"
        size="small"
        role="switch"
        aria-checked={value}
        data-testid="plan-first"
        icon={<BulbOutlined />}
        className={`text-[13px]! ${value ? 'bg-accent-soft! text-accent!' : 'text-muted!'}`}
        onClick={() => onChange(!value)}
      >
        {t('start.plan')}
      </Button>
    </Tooltip>
  );
}
