import { useCallback, useState } from 'react';

/** Text that is not sent yet, kept per conversation until the browser tab is closed. */
export function useDraft(key: string): [string, (text: string) => void] {
  const [text, setText] = useState(() => read(key));
  const save = useCallback(
    (next: string) => {
      setText(next);
      write(key, next);
    },
    [key],
  );
  return [text, save];
}

function read(key: string): string {
  try {
    return sessionStorage.getItem(`wegent.draft.${key}`) ?? '';
  } catch {
    return '';
  }
}

function write(key: string, text: string): void {
  try {
    if (text === '') sessionStorage.removeItem(`wegent.draft.${key}`);
    else sessionStorage.setItem(`wegent.draft.${key}`, text);
  } catch {
    // Storage may be blocked or full; the text is still in the box.
  }
}
