import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../../ui/visible-name.ts';
import type { TurnRun } from './turn-runs.ts';

type Told = 'running' | 'waiting' | 'completed' | 'failed' | 'cancelled' | 'skipped';

/** Tells screen readers who begins, who is done and who waits; not each word. */
export function RunNews({ runs }: { runs: readonly TurnRun[] }) {
  const { t } = useTranslation('team');
  const before = useRef<ReadonlyMap<string, string>>(undefined);
  const [news, setNews] = useState('');
  useEffect(() => {
    const known = before.current;
    before.current = new Map(runs.map(({ key, state }) => [key, state]));
    // What is there when the page opens is no news.
    if (!known) return;
    const said = runs.flatMap(({ key, state, member }) =>
      isTold(state) && known.get(key) !== state ? [t(`says.${state}`, { name: visibleName(member) })] : [],
    );
    if (said.length > 0) setNews(said.join('. '));
  }, [runs, t]);
  return (
    <p className="sr-only" aria-live="polite" data-testid="run-news">
      {news}
    </p>
  );
}

function isTold(state: TurnRun['state']): state is Told {
  return state !== 'expected' && state !== 'pending' && state !== 'cancelling';
}
