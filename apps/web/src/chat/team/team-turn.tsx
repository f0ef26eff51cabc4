import { isFinal, isFinalMessage, type TurnOutline } from '@wegent/api';
import type { TaskMessage } from '@wegent/client';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Monogram } from '../../ui/monogram.tsx';
import { visibleName } from '../../ui/visible-name.ts';
import { Answer } from '../answer.tsx';
import { speakingRun } from './speaking-run.ts';
import { TeamRail } from './team-rail.tsx';

/** What a Team said: who worked on it, and below that the answer. */
export function TeamTurn({ message, turn }: { message: TaskMessage; turn: TurnOutline }) {
  const { t } = useTranslation('team');
  const speaker = useMemo(() => speakingRun(message), [message]);
  const { blocks, status } = message;
  const id = speaker?.executionId;
  const spoken = useMemo(
    () => blocks.filter((block) => block.executionId === id && block.type !== 'child'),
    [blocks, id],
  );
  return (
    <>
      <TeamRail message={message} turn={turn} speaker={id} />
      {speaker && spoken.length > 0 && (
        <div data-testid="team-answer">
          <p className="mb-1 flex items-center gap-2 text-[13px] text-muted">
            <Monogram name={visibleName(speaker.step?.member ?? '')} size={20} />
            {t('by', { name: visibleName(speaker.step?.member ?? '') })}
          </p>
          <Answer
            blocks={spoken}
            executionId={speaker.executionId}
            running={!isFinalMessage(status) && !isFinal(speaker.state)}
          />
        </div>
      )}
    </>
  );
}
