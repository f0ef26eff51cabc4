/** A JSON object of which nothing is known yet. */
export type Json = Record<string, unknown>;

/** Whether a parsed value is a JSON object (not null, not an array). */
export function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The value as an object; anything else reads as an empty one. */
export function record(value: unknown): Json {
  return isRecord(value) ? value : {};
}

/** The value as a list; anything else reads as an empty one. */
export function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value as a string; anything else reads as ''. */
export function text(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

/** The value as a finite number, if it is one. */
export function number(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isFinite(value) ? value : undefined;
}

/** Parses JSON without throwing: undefined stands for "not JSON". */
export function parseJson(source: string): unknown {
  try {
    return JSON.parse(source);
  } catch {
    return undefined;
  }
}
