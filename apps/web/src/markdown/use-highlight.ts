import { useEffect, useState } from 'react';
import type { CodeToken } from './highlighter.ts';

interface Highlighted {
  language: string;
  code: string;
  lines: CodeToken[][] | undefined;
}

/** Code in colours; undefined until they are there, and while `enabled` is false. */
export function useHighlight({
  language,
  code,
  enabled,
}: {
  language: string;
  code: string;
  enabled: boolean;
}) {
  const [result, setResult] = useState<Highlighted>();
  useEffect(() => {
    if (!enabled || language === '') return;
    let current = true;
    void import('./highlighter.ts')
      .then(({ highlight }) => highlight(language, code))
      .then(
        (lines) => {
          if (current) setResult({ language, code, lines });
        },
        // Without colours the code is still there.
        () => undefined,
      );
    return () => {
      current = false;
    };
  }, [language, code, enabled]);
  return result && result.language === language && result.code === code ? result.lines : undefined;
}
