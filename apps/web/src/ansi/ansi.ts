/** How a piece of terminal output looks. */
export interface AnsiStyle {
  /** A CSS colour; of the theme where the terminal would have one of its own. */
  colour?: string;
  background?: string;
  bold?: boolean;
  dim?: boolean;
  italic?: boolean;
  underline?: boolean;
}

/** A piece of terminal output that looks alike. */
export interface AnsiPiece {
  text: string;
  style: AnsiStyle;
}

// The introducers of escape sequences, and what ends each: CSI, then strings such as titles and links, then the rest.
const ESCAPE =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: terminals are controlled by them.
  /(?:\u001b\[|\u009b)([0-?]*)[ -/]*([@-~])|(?:\u001b[\]PX^_]|[\u0090\u0098\u009d\u009e\u009f])[^\u0007\u001b\u009c]*(?:\u0007|\u001b\\|\u009c)?|\u001b[ -/]*[0-~]?/g;
// biome-ignore lint/suspicious/noControlCharactersInRegex: what is left of them must not reach the page.
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g;

/** Reads terminal output: colours become styles, every other control is dropped, text is only ever text. */
export function readAnsi(output: string): AnsiPiece[] {
  const pieces: AnsiPiece[] = [];
  let style: AnsiStyle = {};
  let start = 0;
  const add = (text: string) => {
    const clean = text.replaceAll(CONTROL, '');
    if (clean !== '') pieces.push({ text: clean, style });
  };
  const text = overwritten(output);
  for (const match of text.matchAll(ESCAPE)) {
    add(text.slice(start, match.index));
    if (match[2] === 'm') style = nextStyle(style, match[1] ?? '');
    start = match.index + match[0].length;
  }
  add(text.slice(start));
  return pieces;
}

/** Terminal output as plain text. */
export function plainText(output: string): string {
  return readAnsi(output)
    .map(({ text }) => text)
    .join('');
}

// A carriage return writes the line anew, as progress bars do; what stood there is gone.
function overwritten(output: string): string {
  return output.replaceAll('\r\n', '\n').replaceAll(/^.*\r(?!$)/gm, '');
}

function nextStyle(style: AnsiStyle, parameters: string): AnsiStyle {
  const codes = parameters.split(/[;:]/).map((code) => Number(code || 0));
  let next = style;
  for (let index = 0; index < codes.length; index += 1) {
    const code = codes[index] ?? 0;
    if (code === 38 || code === 48) {
      const { colour, used } = extendedColour(codes.slice(index + 1));
      index += used;
      if (colour) next = { ...next, [code === 38 ? 'colour' : 'background']: colour };
    } else next = simpleStyle(next, code);
  }
  return next;
}

function simpleStyle(style: AnsiStyle, code: number): AnsiStyle {
  if (code === 0) return {};
  if (code === 1) return { ...style, bold: true };
  if (code === 2) return { ...style, dim: true };
  if (code === 3) return { ...style, italic: true };
  if (code === 4) return { ...style, underline: true };
  if (code === 22) return without(style, 'bold', 'dim');
  if (code === 23) return without(style, 'italic');
  if (code === 24) return without(style, 'underline');
  if (code === 39) return without(style, 'colour');
  if (code === 49) return without(style, 'background');
  const place = NAMED.find(({ base }) => code >= base && code < base + 8);
  return place ? { ...style, [place.field]: themeColour(code - place.base) } : style;
}

const NAMED = [
  { base: 30, field: 'colour' },
  { base: 90, field: 'colour' },
  { base: 40, field: 'background' },
  { base: 100, field: 'background' },
] as const;

function themeColour(index: number): string {
  return `var(--wg-ansi-${index})`;
}

function extendedColour([kind, ...rest]: number[]): { colour?: string; used: number } {
  if (kind === 2) {
    const rgb = rest.slice(0, 3).map((part) => Math.min(255, Math.max(0, part || 0)));
    return { used: 4, ...(rgb.length === 3 ? { colour: `rgb(${rgb.join(' ')})` } : {}) };
  }
  if (kind !== 5) return { used: 0 };
  const index = rest[0] ?? 0;
  if (index < 16) return { used: 2, colour: themeColour(index % 8) };
  if (index >= 232) return { used: 2, colour: `hsl(0 0% ${Math.min(100, ((index - 232) / 23) * 100)}%)` };
  const cube = index - 16;
  const part = (value: number) => Math.round(((value % 6) / 5) * 255);
  return {
    used: 2,
    colour: `rgb(${part(Math.floor(cube / 36))} ${part(Math.floor(cube / 6))} ${part(cube)})`,
  };
}

function without(style: AnsiStyle, ...fields: (keyof AnsiStyle)[]): AnsiStyle {
  const rest = { ...style };
  for (const field of fields) delete rest[field];
  return rest;
}
