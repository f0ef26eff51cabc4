import { CloseOutlined, ExportOutlined, PlusOutlined } from '@ant-design/icons';
import { Button } from 'antd';
import Link from 'next/link';
import { useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import '../../chat/chat.css';
import { Composer, type ComposerHandle } from '../../chat/composer.tsx';
import { ConnectionLine } from '../../chat/connection-line.tsx';
import { ConversationFrame } from '../../chat/conversation-frame.tsx';
import { DropArea } from '../../chat/drop-area.tsx';
import { FinishedNotice } from '../../chat/finished-notice.tsx';
import { useInputs } from '../../chat/inputs/use-inputs.tsx';
import { MessageList } from '../../chat/message-list.tsx';
import { OpenTask } from '../../chat/open-task.tsx';
import { QuickPrompts } from '../../chat/quick-prompts.tsx';
import { Reply } from '../../chat/reply.tsx';
import { useStartTask } from '../../chat/use-start-task.ts';
import { useTaskSignals } from '../../tasks/use-task-list.ts';
import { ErrorNotice } from '../../ui/error-notice.tsx';
import { type AgentDocument, titleOf } from '../draft/agent-document.ts';
import type { Problem } from '../draft/problems.ts';
import { textOf } from '../draft/words.ts';
import { useProblemText } from './problem-line.tsx';

/** A conversation with the saved agent, beside what is edited. It cannot begin while the draft says something else. */
export function TryIt({
  team,
  dirty,
  problems,
  onClose,
}: {
  team: AgentDocument;
  dirty: boolean;
  problems: readonly Problem[];
  onClose: () => void;
}) {
  const { t } = useTranslation('agents');
  const problemText = useProblemText();
  const [taskId, setTaskId] = useState<string>();
  const error = problems.find(({ severity }) => severity === 'error');
  const modes = team.spec.bind_mode;
  const codeOnly = Array.isArray(modes) && modes.length > 0 && !modes.includes('chat');
  const why = dirty
    ? t('tryIt.unsaved')
    : codeOnly
      ? t('tryIt.codeOnly')
      : error && t('tryIt.errors', { problem: problemText(error) });
  return (
    <div className="flex min-h-0 flex-1 flex-col" data-testid="try-it">
      <header className="flex h-12 flex-none items-center gap-1 border-b border-line px-3">
        <h2 className="min-w-0 flex-1 truncate font-semibold">{t('tryIt.title')}</h2>
        {taskId !== undefined && (
          <>
            <Link
              href={`/chat?task=${encodeURIComponent(taskId)}`}
              aria-label={t('tryIt.openChat')}
              title={t('tryIt.openChat')}
              className="grid size-9 place-items-center rounded-control text-muted hover:bg-hover hover:text-ink"
            >
              <ExportOutlined aria-hidden="true" />
            </Link>
            <Button
              type="text"
              icon={<PlusOutlined />}
              aria-label={t('tryIt.again')}
              title={t('tryIt.again')}
              onClick={() => setTaskId(undefined)}
            />
          </>
        )}
        <Button type="text" icon={<CloseOutlined />} aria-label={t('tryIt.close')} onClick={onClose} />
      </header>
      {why !== undefined && (
        <p
          role="status"
          className="flex-none border-b border-line bg-sunken px-4 py-2.5 text-[14px] leading-[22px]"
        >
          {why}
        </p>
      )}
      <div
        className="flex min-h-0 flex-1 flex-col"
        inert={why !== undefined}
        {...(why ? { style: { opacity: 0.55 } } : {})}
      >
        {taskId === undefined ? (
          <FirstMessage team={team} ready={why === undefined} onStarted={setTaskId} />
        ) : (
          <Trial taskId={taskId} />
        )}
      </div>
    </div>
  );
}

function Trial({ taskId }: { taskId: string }) {
  useTaskSignals();
  return (
    <OpenTask key={taskId} taskId={taskId}>
      {({ session, view }) => (
        <ConversationFrame session={session} view={view} titled={false}>
          <DropArea className="flex h-full min-h-0 flex-1 flex-col">
            <MessageList view={view} />
            <ConnectionLine />
            <Reply view={view} />
            <FinishedNotice messages={view.messages} />
          </DropArea>
        </ConversationFrame>
      )}
    </OpenTask>
  );
}

function FirstMessage({
  team,
  ready,
  onStarted,
}: {
  team: AgentDocument;
  /** What is saved is what is shown; before, the server may not even know the agent. */
  ready: boolean;
  onStarted: (taskId: string) => void;
}) {
  const { t } = useTranslation('agents');
  const composer = useRef<ComposerHandle>(null);
  const { start, sending, error } = useStartTask(onStarted);
  const { name, namespace } = team.metadata;
  const inputs = useInputs(ready ? { name, namespace } : undefined);
  const prompts = Array.isArray(team.spec.quickPrompts)
    ? team.spec.quickPrompts.map(textOf).filter(Boolean)
    : [];
  return (
    <DropArea className="flex h-full min-h-0 flex-1 flex-col justify-end gap-4 px-4 pb-3">
      <p className="text-center text-[14px] leading-[22px] text-muted">{t('tryIt.hint')}</p>
      <QuickPrompts prompts={prompts} onPick={(prompt) => composer.current?.setText(prompt)} />
      <div>
        <Composer
          draftKey={`try.${namespace}/${name}`}
          handle={composer}
          placeholder={t('tryIt.placeholder', { name: titleOf(team) })}
          locked={sending}
          above={inputs.card}
          onSend={async (written) => {
            const given = await inputs.whenRead();
            return given !== undefined && start({ agent: { name, namespace }, written, given });
          }}
        />
        <ConnectionLine />
        {error !== undefined && <ErrorNotice error={error} className="mt-3" />}
      </div>
    </DropArea>
  );
}
