import { useEffect, useEffectEvent } from 'react';

/** Calls `action` on Ctrl+key, or Cmd+key on a Mac, anywhere on the page. */
export function useShortcut(key: string, action: () => void): void {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    if (
      event.key.toLowerCase() !== key ||
      !(event.ctrlKey || event.metaKey) ||
      event.altKey ||
      event.shiftKey
    )
      return;
    event.preventDefault();
    action();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    addEventListener('keydown', listen);
    return () => removeEventListener('keydown', listen);
  }, []);
}

/** How the modifier key is called on this machine. */
export function shortcutLabel(key: string): string {
  return navigator.platform.startsWith('Mac') ? `⌘${key}` : `Ctrl ${key}`;
}
