import { useDurationText } from '../use-duration-text.ts';
import { useNow } from './use-now.ts';

/** How long a run has worked: counting while it does, then what it took. */
export function RunClock({ from, to }: { from: string | undefined; to: string | undefined }) {
  const durationText = useDurationText();
  const now = useNow(from !== undefined && to === undefined);
  if (from === undefined) return null;
  const ms = Math.max(0, (to === undefined ? now : Date.parse(to)) - Date.parse(from));
  // While it counts, tenths of a second would only flicker.
  const shown = to === undefined ? Math.max(1000, Math.floor(ms / 1000) * 1000) : ms;
  return (
    <span className="tabular-nums" data-testid="run-clock">
      {durationText(shown)}
    </span>
  );
}
