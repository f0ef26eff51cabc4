import { type KeyboardEvent, useCallback } from 'react';

/** Arrow keys go from the table to its line numbers and from one to the next; Enter on it is a click. */
export function useGutterKeys(): (event: KeyboardEvent<HTMLElement>) => void {
  return useCallback((event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const { target, currentTarget } = event;
    if (step === undefined || !(target instanceof HTMLElement)) return;
    if (target !== currentTarget && !target.matches('[data-gutter]')) return;
    const numbers = [...currentTarget.querySelectorAll<HTMLElement>('[data-gutter]')];
    // From the table itself down to its first line.
    const next = numbers[numbers.indexOf(target) + step];
    if (!next) return;
    event.preventDefault();
    next.focus();
  }, []);
}
