import { isFinalMessage } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { ActivityLine } from './activity-line.tsx';
import { Answer } from './answer.tsx';
import { AnswerActions } from './answer-actions.tsx';
import { useConversation } from './conversation-context.tsx';
import { ErrorCard } from './error-card.tsx';
import { TeamTurn } from './team/team-turn.tsx';

/** What the agent said and did: full width, no bubble. Its actions appear when it has settled. */
export const AssistantTurn = memo(function AssistantTurn({
  message,
  newest,
}: {
  message: TaskMessage;
  newest: boolean;
}) {
  const { t } = useTranslation('chat');
  const { agent, extras } = useConversation();
  const settled = isFinalMessage(message.status);
  return (
    <article
      data-testid="message-assistant"
      data-status={message.status}
      aria-label={t('said', { name: agent.name })}
      aria-busy={!settled}
      className="group flex flex-col gap-1 pb-2"
    >
      {message.turn ? (
        <TeamTurn message={message} turn={message.turn} />
      ) : (
        <>
          <Answer blocks={message.blocks} running={!settled} />
          {!settled && <ActivityLine blocks={message.blocks} status={message.status} />}
        </>
      )}
      {message.status === 'failed' && <ErrorCard message={message} />}
      {message.status === 'cancelled' && <p className="text-[13px] text-faint">{t('stopped')}</p>}
      {message.status === 'skipped' && <p className="text-[13px] text-faint">{t('skipped')}</p>}
      {extras?.turnEnd(message)}
      {settled && <AnswerActions message={message} newest={newest} />}
    </article>
  );
});
