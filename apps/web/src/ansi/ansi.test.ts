import { describe, expect, it } from 'vitest';
import { plainText, readAnsi } from './ansi.ts';

describe('readAnsi', () => {
  it('turns colours into styles and back', () => {
    expect(readAnsi('a \u001b[1;31mred\u001b[22m thin\u001b[0m end')).toEqual([
      { text: 'a ', style: {} },
      { text: 'red', style: { bold: true, colour: 'var(--wg-ansi-1)' } },
      { text: ' thin', style: { colour: 'var(--wg-ansi-1)' } },
      { text: ' end', style: {} },
    ]);
  });

  it('reads 256 and true colours', () => {
    expect(readAnsi('\u001b[38;5;196mx\u001b[48;2;1;2;3my')).toEqual([
      { text: 'x', style: { colour: 'rgb(255 0 0)' } },
      { text: 'y', style: { colour: 'rgb(255 0 0)', background: 'rgb(1 2 3)' } },
    ]);
  });

  it('lets no number out of its range and no text into a style', () => {
    const [piece] = readAnsi('\u001b[38;2;999;url(x);1mz');
    expect(JSON.stringify(piece?.style ?? {})).not.toContain('url');
  });
});

describe('plainText', () => {
  it.each([
    ['cursor and screen', '\u001b[2J\u001b[1;1Hhello\u001b[K', 'hello'],
    ['title and link', '\u001b]0;owned\u0007\u001b]8;;http://evil\u001b\\text\u001b]8;;\u001b\\', 'text'],
    ['8-bit controls', '\u009b31mx\u009d0;title\u009cy', 'xy'],
    ['an unfinished string', 'a\u001b]0;never ends', 'a'],
    ['bell, backspace, null', 'a\u0007b\u0008c\u0000', 'abc'],
    ['a progress bar', '10%\r20%\r100%\ndone\r\n', '100%\ndone\n'],
    ['HTML stays text', '<b onclick=x>\u001b[1m</b>', '<b onclick=x></b>'],
  ])('%s', (_what, output, text) => {
    expect(plainText(output)).toBe(text);
  });
});
