import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useTeams } from '../agents/use-teams.ts';
import { useUser } from '../session/session-provider.tsx';
import { EmptyState } from '../ui/empty-state.tsx';
import { ErrorNotice } from '../ui/error-notice.tsx';
import { AgentPicker } from './agent-picker.tsx';
import { Composer, type ComposerHandle } from './composer.tsx';
import { ConnectionLine } from './connection-line.tsx';
import { DropArea } from './drop-area.tsx';
import { useInputs } from './inputs/use-inputs.tsx';
import { PeoplePicker } from './people-picker.tsx';
import { QuickPrompts } from './quick-prompts.tsx';
import { RecentTasks } from './recent-tasks.tsx';
import { TabTitle } from './tab-title.tsx';
import { useChosenAgent } from './use-chosen-agent.ts';
import { useStartTask } from './use-start-task.ts';

/** The start of a conversation: who answers, and the first message. `wanted` is `namespace/name` of an agent. */
export function NewChat({ wanted }: { wanted: string | null }) {
  const { t } = useTranslation('chat');
  const { t: common } = useTranslation();
  const user = useUser();
  const teams = useTeams('chat');
  const agents = teams.data ?? [];
  const { agent, choose, whenChosen } = useChosenAgent(agents, wanted);
  const { start, sending, error } = useStartTask();
  const [people, setPeople] = useState<string[]>([]);
  const composer = useRef<ComposerHandle>(null);
  const inputs = useInputs(agent);
  const isGroup = people.length > 0;
  const mentions =
    agent && isGroup
      ? [{ name: agent.name, detail: t('mentionAgent', { name: agent.displayName }), icon: agent.spec.icon }]
      : [];
  return (
    <DropArea className="h-full">
      <div className="h-full overflow-y-auto">
        <TabTitle title={common('nav.newChat')} />
        <div className="mx-auto flex min-h-full w-full max-w-[800px] flex-col justify-center gap-5 px-4 py-8">
          <h1 className="text-center text-[26px] leading-9 font-semibold tracking-tight text-balance">
            {t('greeting', { name: user.displayName || user.username })}
          </h1>
          {teams.isError && <ErrorNotice error={teams.error} onRetry={() => void teams.refetch()} />}
          {teams.data?.length === 0 && <EmptyState title={t('noAgents')}>{t('noAgentsBody')}</EmptyState>}
          {agents.length > 0 && <AgentPicker agents={agents} value={agent} onChange={choose} />}
          <div>
            <Composer
              draftKey="new"
              handle={composer}
              placeholder={t(isGroup ? 'placeholder.group' : 'placeholder.new', {
                name: agent?.displayName ?? '',
              })}
              locked={sending}
              mentions={mentions}
              above={inputs.card}
              tools={<PeoplePicker value={people} onChange={setPeople} />}
              onSend={async (written) => {
                if (!agent && !teams.isPending) return false;
                const given = await inputs.whenRead();
                return given !== undefined && start({ agent: await whenChosen(), people, written, given });
              }}
            />
            {isGroup && agent && (
              <p className="px-2 pt-2 text-[13px] text-muted">{t('groupHint', { name: agent.name })}</p>
            )}
            <ConnectionLine />
            {error !== undefined && <ErrorNotice error={error} className="mt-3" />}
          </div>
          {agent && (
            <QuickPrompts
              prompts={agent.quickPrompts}
              onPick={(prompt) => composer.current?.setText(prompt)}
            />
          )}
          <RecentTasks />
        </div>
      </div>
    </DropArea>
  );
}
