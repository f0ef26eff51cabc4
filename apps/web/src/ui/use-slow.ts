import { useEffect, useState } from 'react';

/** True once something has lasted `ms`: what is quickly over needs no notice that would flicker. */
export function useSlow(active: boolean, ms = 700): boolean {
  const [slow, setSlow] = useState(false);
  useEffect(() => {
    if (!active) return;
    const timer = setTimeout(() => setSlow(true), ms);
    return () => {
      clearTimeout(timer);
      setSlow(false);
    };
  }, [active, ms]);
  return active && slow;
}
