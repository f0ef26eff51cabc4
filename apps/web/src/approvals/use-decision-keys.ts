import { useEffect, useEffectEvent } from 'react';

/** Alt+A allows what waits, Alt+R begins to reject it, wherever the focus is. */
export function useDecisionKeys({ allow, reject }: { allow: () => void; reject: () => void }): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    // By the place of the key: with Alt some keyboards write another letter.
    const action = { KeyA: allow, KeyR: reject }[event.code];
    if (!action || !event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.repeat) return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}
