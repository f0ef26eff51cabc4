import { useSyncExternalStore } from 'react';

/** Does the person see this browser tab? */
export function useVisible(): boolean {
  return useSyncExternalStore(subscribe, isVisible);
}

function subscribe(onChange: () => void): () => void {
  document.addEventListener('visibilitychange', onChange);
  return () => document.removeEventListener('visibilitychange', onChange);
}

function isVisible(): boolean {
  return document.visibilityState === 'visible';
}
