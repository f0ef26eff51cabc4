import type { Block } from '@wegent/api';
import { useTranslation } from 'react-i18next';
import { useAppearance } from '../../theme/appearance-provider.tsx';
import { useToolTitle } from '../../tools/use-tool-title.ts';
import { visibleName } from '../../ui/visible-name.ts';
import { readPhase } from '../phase-text.ts';
import { liveWords } from './live-words.ts';
import { isAtWork, type TurnRun } from './turn-runs.ts';

/** The one thing that there is to say of a run: what it does now, why it failed, whom it chose, what it was asked. */
export function RunLine({ entry, blocks }: { entry: TurnRun; blocks: readonly Block[] }) {
  const { t } = useTranslation('team');
  const { t: chat } = useTranslation('chat');
  const { language } = useAppearance().appearance;
  const text = useLine(entry, blocks);
  const { run, state, chose, instruction } = entry;
  if (state === 'failed' && run?.error)
    return (
      <Line className="text-error">
        {language === 'en' ? run.error.message : chat(`reason.${run.error.reason}`)}
      </Line>
    );
  if (chose !== undefined)
    return <Line>{chose === null ? t('choseNobody') : t('chose', { name: visibleName(chose) })}</Line>;
  if (text !== undefined) return <Line live>{text}</Line>;
  if (instruction) return <Line>{instruction.replaceAll(/\s+/g, ' ')}</Line>;
  return null;
}

function Line({
  className = 'text-faint',
  live = false,
  children,
}: {
  className?: string;
  live?: boolean;
  children: string;
}) {
  return (
    <span
      title={children}
      className={`block truncate text-[13px] leading-5 ${className} ${live ? 'wg-shimmer' : ''}`}
    >
      {children}
    </span>
  );
}

function useLine(entry: TurnRun, blocks: readonly Block[]): string | undefined {
  const { t } = useTranslation('chat');
  const toolTitle = useToolTitle();
  const { run, state, role } = entry;
  if (!run || !isAtWork({ state }) || role.kind === 'gate') return undefined;
  if (state === 'waiting') return t('activity.waiting');
  const now = liveWords(blocks, run.executionId);
  // What a leader chooses is told in words when it has chosen.
  if ('words' in now) return role.kind === 'choosing' ? t('activity.thinking') : now.words;
  if (now.kind === 'phase') {
    const { key, what } = readPhase(now.text);
    return key ? t(`phase.${key}`, { what }) : what;
  }
  if (now.kind === 'tool') return t('activity.tool', { title: toolTitle(now.tool, now.title) });
  return t(`activity.${now.kind}`);
}
