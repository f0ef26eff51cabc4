/** Names that a message may call, and what each stands for. */
export interface Mentionable<Target> {
  name: string;
  target: Target;
}

/**
 * Finds the first `@name` of a message. The longest name wins and must end where the word ends:
 * `@dev` is not found in `@dev-team`. Names are compared without regard to case.
 */
export function findMention<Target>(text: string, names: readonly Mentionable<Target>[]): Target | undefined {
  const longestFirst = [...names].sort((left, right) => right.name.length - left.name.length);
  for (const at of text.matchAll(/(?<![\p{L}\p{N}_])@/gu)) {
    const rest = text.slice(at.index + 1);
    const found = longestFirst.find(({ name }) => startsWithWord(rest, name));
    if (found) return found.target;
  }
  return undefined;
}

// A full stop or hyphen after the name ends it only when no name character follows.
function startsWithWord(text: string, name: string): boolean {
  if (name === '' || text.slice(0, name.length).toLowerCase() !== name.toLowerCase()) return false;
  return !/^(?:[A-Za-z0-9_]|[.-][A-Za-z0-9_])/.test(text.slice(name.length));
}
