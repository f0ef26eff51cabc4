import { createContext, use } from 'react';
import type { PanelName } from './use-panel.ts';

/** The coding task around a part: which one, and how to go to its other parts. */
export interface CodeTaskControls {
  taskId: string;
  /** Has the work begun? Before that there is no work tree to ask for. */
  begun: boolean;
  /** The panel that is open. */
  panel: PanelName | undefined;
  openPanel(panel: PanelName | undefined): void;
  /** What the changes panel shows: all, or those of one turn; and the file to go to. */
  shown: { turn?: string; path?: string };
  showChanges(what: { turn?: string; path?: string }): void;
  /** The file that the files panel shows. */
  filePath: string | undefined;
  showFile(path: string | undefined): void;
}

const Context = createContext<CodeTaskControls | undefined>(undefined);

/** Gives the parts of a coding task their controls. */
export const CodeTaskProvider = Context;

/** The controls of the coding task around this part. */
export function useCodeTask(): CodeTaskControls {
  const controls = use(Context);
  if (!controls) throw new Error('useCodeTask needs a CodeTask above it');
  return controls;
}
