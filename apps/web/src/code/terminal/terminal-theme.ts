import type { ITheme } from '@xterm/xterm';
import { type Mode, PALETTE } from '../../theme/tokens.ts';

/** The colours of a terminal, from the tokens of the theme. */
export function terminalTheme(mode: Mode): ITheme {
  const c = PALETTE[mode];
  const colours = ANSI[mode];
  return {
    background: c.canvas,
    foreground: c.text,
    cursor: c.accent,
    cursorAccent: c.canvas,
    selectionBackground: mode === 'dark' ? '#3b3f7a' : '#c7d2fe',
    ...colours,
  };
}

const ANSI = {
  light: {
    black: '#18181b',
    red: '#b91c1c',
    green: '#15803d',
    yellow: '#8f5a07',
    blue: '#1d4ed8',
    magenta: '#a21caf',
    cyan: '#0e7490',
    white: '#68686f',
    brightBlack: '#52525b',
    brightRed: '#dc2626',
    brightGreen: '#16a34a',
    brightYellow: '#ca8a04',
    brightBlue: '#2563eb',
    brightMagenta: '#c026d3',
    brightCyan: '#0891b2',
    brightWhite: '#3f3f46',
  },
  dark: {
    black: '#3f3f46',
    red: '#f87171',
    green: '#4ade80',
    yellow: '#facc15',
    blue: '#7aa2ff',
    magenta: '#e879f9',
    cyan: '#22d3ee',
    white: '#e4e4e7',
    brightBlack: '#9a9aa4',
    brightRed: '#fca5a5',
    brightGreen: '#86efac',
    brightYellow: '#fde047',
    brightBlue: '#a5b4fc',
    brightMagenta: '#f0abfc',
    brightCyan: '#67e8f9',
    brightWhite: '#ffffff',
  },
} as const satisfies Record<Mode, ITheme>;
