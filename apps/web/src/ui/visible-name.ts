/**
 * A name from a repository as it may be shown: characters that move, hide or turn text around are shown by their
 * number, so that no name looks like another.
 */
export function visibleName(name: string): string {
  return name.replaceAll(HIDDEN, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

const HIDDEN =
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not be drawn.
  /[\u0000-\u001f\u007f-\u009f\u00ad\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff]/gu;
