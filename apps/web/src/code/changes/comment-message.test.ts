import { describe, expect, it } from 'vitest';
import { composeReview, type LineComment } from './comment-message.ts';

const comment = (more: Partial<LineComment>): LineComment => ({
  id: 'x',
  path: 'src/a.ts',
  side: 'new',
  line: 12,
  code: '  return 1;',
  text: 'Why one?',
  ...more,
});

describe('composeReview', () => {
  it('is the message alone without comments', () => {
    expect(composeReview([], ' hello ')).toBe(' hello ');
  });

  it('names place, line and comment, in the order of the files', () => {
    const text = composeReview(
      [
        comment({ path: 'src/b.ts', line: 3, text: 'Second\nthought' }),
        comment({}),
        comment({ line: 2, side: 'old' }),
      ],
      'Please fix.',
    );
    expect(text).toBe(
      [
        'Please fix.',
        '',
        'Comments on the changes:',
        '',
        '1. `src/a.ts:2` (removed line)',
        '   > `return 1;`',
        '',
        '   Why one?',
        '',
        '2. `src/a.ts:12`',
        '   > `return 1;`',
        '',
        '   Why one?',
        '',
        '3. `src/b.ts:3`',
        '   > `return 1;`',
        '',
        '   Second',
        '   thought',
      ].join('\n'),
    );
  });

  it('lets no line of code and no name break out of its quotation', () => {
    const text = composeReview([comment({ code: 'a ``` b', path: 'x\n# Title' })], '');
    expect(text).toContain('> ```` a ``` b ````');
    expect(text).not.toMatch(/^# Title/m);
  });
});
