import { KINDS, type KindDefinition } from '@wegent/api';
import { CommandError, EXIT } from './failure.ts';

/** A kind and the names that were given; without names, all of them. */
export interface ResourceChoice {
  definition: KindDefinition;
  names: string[];
}

/** Reads `teams`, `teams a b`, `team/a` or `team/a bot/b`. Throws, naming what exists, for an unknown kind. */
export function readResourceNames(words: readonly string[]): ResourceChoice[] {
  const [first, ...names] = words;
  if (first === undefined) return [];
  if (!first.includes('/')) return [{ definition: kindOf(first), names }];
  return words.map((word) => {
    const { definition, name } = readReference(word);
    return { definition, names: [name] };
  });
}

/** Reads `team/reviewer`; with a `fallback`, `reviewer` alone is of that kind. */
export function readReference(word: string, fallback?: string): { definition: KindDefinition; name: string } {
  const slash = word.indexOf('/');
  if (slash === -1 && fallback !== undefined && word !== '')
    return { definition: kindOf(fallback), name: word };
  const name = word.slice(slash + 1);
  if (slash <= 0 || name === '' || name.includes('/'))
    throw new CommandError(
      `"${word}" names no object; expected kind/name, such as team/reviewer`,
      EXIT.usage,
    );
  return { definition: kindOf(word.slice(0, slash)), name };
}

/** A kind by its plural, singular, short name or kind, in any case. */
export function kindOf(word: string): KindDefinition {
  const wanted = word.toLowerCase();
  const found = KINDS.find(({ kind, plural, singular, shortNames }) =>
    [kind.toLowerCase(), plural, singular, ...shortNames].includes(wanted),
  );
  if (found) return found;
  const known = KINDS.map(({ plural }) => plural).join(', ');
  throw new CommandError(`there is no kind "${word}"; known are ${known}`, EXIT.usage);
}
