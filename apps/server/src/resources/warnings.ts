const MAX_WARNINGS = 20;

/** Warnings as the response header that kubectl prints. */
export function asWarnings(warnings: readonly string[]): { warning?: string[] } {
  if (warnings.length === 0) return {};
  return { warning: warnings.slice(0, MAX_WARNINGS).map((text) => `299 - ${asciiJson(text)}`) };
}

// Header values are ASCII: quotes and all other characters are escaped as in JSON.
function asciiJson(text: string): string {
  return JSON.stringify(text).replaceAll(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
