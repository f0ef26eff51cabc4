import { useCallback, useState } from 'react';
import { usePreferences } from '../session/use-preferences.ts';
import { useMedia } from '../theme/use-media.ts';

/** The panels beside the conversation, in their order. */
export const PANELS = ['changes', 'files', 'logs', 'terminal', 'details'] as const;
/** A panel beside the conversation. */
export type PanelName = (typeof PANELS)[number];

const DEFAULT_WIDTH = 620;
const MIN_WIDTH = 320;

/** Which panel is open and how wide it is; both are remembered with the account where there is room for it beside the text. */
export function usePanel() {
  const { preferences, save } = usePreferences();
  const wide = useMedia('(min-width: 1024px)');
  // On small screens a panel covers the conversation, so it never opens by itself.
  const [sheet, setSheet] = useState<PanelName>();
  const [local, setLocal] = useState<{ panel: PanelName | undefined }>();
  const remembered = PANELS.find((name) => name === preferences.codePanel);
  const panel = wide ? (local ? local.panel : remembered) : sheet;
  const open = useCallback(
    (next: PanelName | undefined) => {
      setSheet(next);
      setLocal({ panel: next });
      if (wide) void save({ codePanel: next ?? null });
    },
    [wide, save],
  );
  const stored = preferences.codePanelWidth;
  const width = typeof stored === 'number' && stored >= MIN_WIDTH ? stored : DEFAULT_WIDTH;
  const keepWidth = useCallback((next: number) => void save({ codePanelWidth: Math.round(next) }), [save]);
  return { wide, panel, open, width, keepWidth };
}
