import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { splitDuration } from './duration.ts';

/** Says milliseconds in words: “42 s”, “2 min 5 s”. */
export function useDurationText(): (ms: number) => string {
  const { t } = useTranslation('chat');
  return useCallback(
    (ms) => {
      const duration = splitDuration(ms);
      return t(`duration.${duration.unit}`, { ...duration });
    },
    [t],
  );
}
