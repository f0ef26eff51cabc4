const MAX_WARNINGS = 20;
const MAX_CHARACTERS = 1024;

/**
 * Warnings as values of the `Warning` header, which kubectl prints. Characters beyond ASCII stand as the bytes of
 * UTF-8, one character for each, since that is what Node writes and kubectl reads.
 */
export function warningHeaders(warnings: readonly string[]): string[] {
  return warnings.slice(0, MAX_WARNINGS).map((text) => `299 - ${quoted(text.slice(0, MAX_CHARACTERS))}`);
}

// A quoted string of HTTP escapes quotes and backslashes; control characters have no place in a header.
function quoted(text: string): string {
  const escaped = text.replaceAll(/\p{Cc}+/gu, ' ').replaceAll(/[\\"]/g, (character) => `\\${character}`);
  return `"${String.fromCharCode(...new TextEncoder().encode(escaped))}"`;
}
