import { describe, expect, test } from 'vitest';
import { readReference, readResourceNames } from './resource-names.ts';

const shape = (words: string[]) =>
  readResourceNames(words).map(({ definition, names }) => [definition.kind, ...names]);

describe('names of resources', () => {
  test.each([
    [['teams'], [['Team']]],
    [['TEAM', 'a', 'b'], [['Team', 'a', 'b']]],
    [['tm'], [['Team']]],
    [
      ['team/a', 'bot/b'],
      [
        ['Team', 'a'],
        ['Bot', 'b'],
      ],
    ],
    [[], []],
  ])('%j', (words, expected) => {
    expect(shape(words)).toEqual(expected);
  });

  test.each(['team/', '/a', 'team/a/b'])('%s is refused', (word) => {
    expect(() => readReference(word)).toThrow(/expected kind\/name/);
  });

  test('an unknown kind names those that exist', () => {
    expect(() => readResourceNames(['pods'])).toThrow(/there is no kind "pods"; known are ghosts, .*tasks/);
  });

  test('a bare name takes the fallback', () => {
    expect(readReference('reviewer', 'team')).toMatchObject({
      definition: { kind: 'Team' },
      name: 'reviewer',
    });
  });
});
