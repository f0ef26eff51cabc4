/** Light or dark, as it is painted. */
export type Mode = 'light' | 'dark';
/** How much air the controls have. */
export type Density = 'comfortable' | 'compact';

/** The colours of the product; everything else (Ant Design, Tailwind, the page) is derived from them. */
export const PALETTE = {
  light: {
    canvas: '#ffffff',
    rail: '#fafafa',
    raised: '#ffffff',
    sunken: '#f4f4f5',
    line: '#e4e4e7',
    lineStrong: '#d4d4d8',
    text: '#18181b',
    muted: '#52525b',
    faint: '#68686f',
    accent: '#4f46e5',
    accentHover: '#4338ca',
    accentActive: '#3730a3',
    accentSoft: '#eef2ff',
    accentLine: '#c7d2fe',
    onAccent: '#ffffff',
    success: '#15803d',
    warning: '#8f5a07',
    error: '#b91c1c',
    successSoft: '#f0fdf4',
    successLine: '#bbf7d0',
    warningSoft: '#fefce8',
    warningLine: '#fde68a',
    errorSoft: '#fef2f2',
    errorLine: '#fecaca',
    hover: 'rgba(24, 24, 27, 0.05)',
    selected: 'rgba(24, 24, 27, 0.08)',
    shadow: '0 8px 28px rgba(24, 24, 27, 0.10), 0 1px 3px rgba(24, 24, 27, 0.06)',
  },
  dark: {
    canvas: '#0e0e11',
    rail: '#131316',
    raised: '#1a1a1e',
    sunken: '#1f1f24',
    line: '#2a2a30',
    lineStrong: '#3f3f46',
    text: '#f4f4f5',
    muted: '#b4b4bd',
    faint: '#9a9aa4',
    accent: '#818cf8',
    accentHover: '#a5b4fc',
    accentActive: '#6366f1',
    accentSoft: '#1e1f3a',
    accentLine: '#3b3f7a',
    onAccent: '#0e0e11',
    success: '#4ade80',
    warning: '#facc15',
    error: '#f87171',
    successSoft: '#10251a',
    successLine: '#1f5135',
    warningSoft: '#2a230f',
    warningLine: '#5c4a14',
    errorSoft: '#2d1618',
    errorLine: '#6b2529',
    hover: 'rgba(244, 244, 245, 0.06)',
    selected: 'rgba(244, 244, 245, 0.10)',
    shadow: '0 8px 28px rgba(0, 0, 0, 0.55), 0 1px 3px rgba(0, 0, 0, 0.4)',
  },
} as const satisfies Record<Mode, Record<string, string>>;

/** Text, with Chinese fallbacks of each system. */
export const FONT =
  'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", "PingFang SC", "Hiragino Sans GB", "Microsoft YaHei", "Noto Sans CJK SC", "Noto Sans SC", sans-serif';
/** Code. */
export const MONO =
  'ui-monospace, "SF Mono", SFMono-Regular, Menlo, Consolas, "Liberation Mono", "PingFang SC", "Microsoft YaHei", "Noto Sans Mono CJK SC", monospace';

/** The colours as CSS variables for both modes, written into the page before it is painted. */
export function themeCss(): string {
  return `${block(':root', 'light')}${block(':root[data-theme="dark"]', 'dark')}`;
}

function block(selector: string, mode: Mode): string {
  const variables = Object.entries(PALETTE[mode]).map(([name, value]) => `--wg-${kebab(name)}:${value}`);
  return `${selector}{color-scheme:${mode};--wg-font:${FONT};--wg-mono:${MONO};${variables.join(';')}}`;
}

function kebab(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`);
}
