import { createContext, use } from 'react';

interface FrameContext {
  /** Opens the palette, as `Ctrl/Cmd+K` does. */
  openPalette(): void;
  /** Opens the rail where it is a drawer; undefined where it stands beside the page. */
  openMenu: (() => void) | undefined;
  /** Is the rail a narrow strip of icons? */
  collapsed: boolean;
  setCollapsed(collapsed: boolean): void;
}

const Context = createContext<FrameContext | undefined>(undefined);

/** Gives the frame's controls to what is inside it. */
export const FrameProvider = Context;

/** The controls of the frame around this page. */
export function useFrame(): FrameContext {
  const context = use(Context);
  if (!context) throw new Error('useFrame needs a Frame above it');
  return context;
}
