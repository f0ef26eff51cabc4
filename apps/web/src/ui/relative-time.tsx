import { useEffect, useState } from 'react';
import { useAppearance } from '../theme/appearance-provider.tsx';
import { exactTime, relativeTime } from './times.ts';

/** How long ago (or until) something is; the exact time on hover. `at` is an RFC 3339 string. */
export function RelativeTime({ at }: { at: string }) {
  const { language } = useAppearance().appearance;
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), 60_000);
    return () => clearInterval(timer);
  }, []);
  return (
    <time dateTime={at} title={exactTime(at, language)}>
      {relativeTime({ at, now: Math.max(now, Date.now()), language })}
    </time>
  );
}
