import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { visibleName } from '../ui/visible-name.ts';
import { readToolTitle } from './tool-title.ts';

/** Says what a tool call does, in the reader's language. */
export function useToolTitle(): (tool: string, title: string) => string {
  const { t } = useTranslation('tools');
  return useCallback(
    (tool, title) => {
      const { agent, action, what } = readToolTitle(tool, title);
      const shown = visibleName(what);
      const text = action ? t(`title.${action}`, { what: shown }) : shown;
      return agent === undefined ? text : `${visibleName(agent)} › ${text}`;
    },
    [t],
  );
}
