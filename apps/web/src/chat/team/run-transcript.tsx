import { type Block, isFinal, type RunFold } from '@wegent/api';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { Answer } from '../answer.tsx';
import { RunDetails } from './run-details.tsx';
import { RunFailure } from './run-failure.tsx';
import type { TurnRun } from './turn-runs.ts';

/** What a run was asked, did and said. */
export function RunTranscript({
  entry,
  run,
  blocks,
  speaks,
}: {
  entry: TurnRun;
  run: RunFold;
  blocks: readonly Block[];
  speaks: boolean;
}) {
  const { t } = useTranslation('team');
  const { t: chat } = useTranslation('chat');
  const own = useMemo(() => ownBlocks(blocks, run.executionId), [blocks, run.executionId]);
  return (
    <div data-testid="run-transcript">
      <RunDetails run={run} />
      {entry.instruction && (
        <p className="mb-2 max-h-60 overflow-y-auto text-[14px] [overflow-wrap:anywhere] whitespace-pre-wrap text-muted">
          <span className="text-faint">{chat('steps.instruction')}</span> {entry.instruction}
        </p>
      )}
      {speaks ? (
        <p className="text-[13px] text-faint">{t('answerBelow')}</p>
      ) : own.length === 0 && !run.error ? (
        <p className="text-[13px] text-faint">{t('nothing')}</p>
      ) : (
        <Answer blocks={own} executionId={run.executionId} running={!isFinal(run.state)} />
      )}
      {run.error && <RunFailure error={run.error} />}
    </div>
  );
}

/** The blocks of a run for its transcript: runs that it started have rows of their own, open questions stand there. */
export function ownBlocks(blocks: readonly Block[], executionId: string): Block[] {
  return blocks.filter(
    (block) =>
      block.executionId === executionId &&
      block.type !== 'child' &&
      !(block.type === 'approval' && block.decision === undefined) &&
      !(block.type === 'question' && block.answers === undefined),
  );
}
