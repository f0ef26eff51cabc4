/**
 * Reads JSON that this package wrote. This is the one place where a column's text becomes a typed value:
 * the shape was checked on the way in, so it is not checked again.
 */
export function readJson<T>(text: string): T {
  return JSON.parse(text) as T;
}

/** Like `readJson` for a column that may be null. */
export function readOptionalJson<T>(text: string | null): T | null {
  return text === null ? null : readJson<T>(text);
}

/** Writes a value that may be null. */
export function writeOptionalJson(value: unknown): string | null {
  return value === null || value === undefined ? null : JSON.stringify(value);
}
