import { describe, expect, it } from 'vitest';
import { type SplitText, splitBlocks } from './split-blocks.ts';

const texts = (markdown: string) => splitBlocks(markdown).blocks.map(({ text }) => text);

describe('splitBlocks', () => {
  it.each([
    ['nothing', '', []],
    ['one paragraph', 'one\ntwo', ['one\ntwo']],
    ['paragraphs', 'one\n\ntwo\n', ['one\n\n', 'two\n']],
    [
      'a heading and a table',
      '# T\n\n| a |\n| - |\n| 1 |\n\nend',
      ['# T\n\n', '| a |\n| - |\n| 1 |\n\n', 'end'],
    ],
    ['a loose list', '1. a\n\n2. b\n\n   more\n\nend', ['1. a\n\n2. b\n\n   more\n\n', 'end']],
    ['a fence in a list', '- a\n  ```js\n\n  x\n  ```\n- b', ['- a\n  ```js\n\n  x\n  ```\n- b']],
    ['a fence right after text', 'see:\n```js\n\nx\n```\nend', ['see:\n', '```js\n\nx\n```\n', 'end']],
    ['a fence that holds fences', '````md\n```js\n```\n````\nend', ['````md\n```js\n```\n````\n', 'end']],
    ['a formula with a blank line', '$$\na\n\nb\n$$\n\nend', ['$$\na\n\nb\n$$\n\n', 'end']],
    ['a formula in brackets', '\\[\na\n\nb\n\\]\n\nend', ['\\[\na\n\nb\n\\]\n\n', 'end']],
    ['indented code after a blank line', 'a\n\n    code\n\nend', ['a\n\n    code\n\n', 'end']],
    [
      'link definitions, which work across blocks',
      'see [x]\n\n[x]: https://a.b',
      ['see [x]\n\n[x]: https://a.b'],
    ],
    ['footnotes', 'a[^1]\n\n[^1]: note', ['a[^1]\n\n[^1]: note']],
  ])('splits %s', (_, markdown, blocks) => {
    expect(texts(markdown)).toEqual(blocks);
  });

  it.each([
    ['```ts title="x"\na\n```\n', { language: 'ts', code: 'a', closed: true }],
    ['```\na\n', { language: '', code: 'a', closed: false }],
    ['~~~python\na\n\nb', { language: 'python', code: 'a\n\nb', closed: false }],
    ['```js\na\n``', { language: 'js', code: 'a\n``', closed: false }],
    ['```js', { language: 'js', code: '', closed: false }],
  ])('reads the code of %j', (markdown, block) => {
    expect(splitBlocks(markdown).blocks).toEqual([{ kind: 'code', text: markdown, ...block }]);
  });

  it('reads a growing text as it reads the whole, and keeps what did not change', () => {
    const markdown =
      '# Title\n\nOne *two*.\n\n- a\n\n- b\n  ```js\n\n  x\n  ```\n\n1. c\n\n2. d\n\n```py\nx = 1\n\ny\n```\nend\n\n$$\na\n\nb\n$$\n\n| a |\n| - |\n\n[no definition]';
    let split: SplitText | undefined;
    for (let length = 1; length <= markdown.length; length += 1) {
      const beginning = markdown.slice(0, length);
      const next = splitBlocks(beginning, split);
      expect(next.blocks).toEqual(splitBlocks(beginning).blocks);
      expect(next.blocks.map(({ text }) => text).join('')).toBe(beginning);
      if (split && split.blocks.length > 2) expect(next.blocks[0]).toBe(split.blocks[0]);
      split = next;
    }
  });

  it('starts over when the text is another one', () => {
    expect(splitBlocks('x\n\ny', splitBlocks('a\n\nb\n\nc')).blocks.map(({ text }) => text)).toEqual([
      'x\n\n',
      'y',
    ]);
  });
});
