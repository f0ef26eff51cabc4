/** The part of a call's input by which calls are told apart. */
export interface PatternField {
  name: 'command' | 'file_path' | 'url';
  value: string;
}

/** A rule by which such calls are decided for the rest of the task. */
export interface Remembered {
  tool: string;
  match?: string;
}

const FIELDS = ['command', 'file_path', 'url'] as const;

/** What a pattern for calls like this one is about; undefined where only the tool itself can be named. */
export function patternField(input: unknown): PatternField | undefined {
  if (typeof input !== 'object' || input === null) return undefined;
  for (const name of FIELDS) {
    const value: unknown = Reflect.get(input, name);
    if (typeof value === 'string' && value !== '') return { name, value };
  }
  return undefined;
}

/**
 * The rule for a pattern, in which `*` stands for anything. The server compares with the input as JSON text, where a
 * quotation mark inside a value is escaped: a value cannot pretend to be another field.
 */
export function rememberedRule(tool: string, field: PatternField | undefined, pattern: string): Remembered {
  if (!field || pattern.trim() === '' || /^\*+$/.test(pattern.trim())) return { tool };
  const text = JSON.stringify(pattern).slice(1, -1);
  return { tool, match: `*"${field.name}":"${text}"*` };
}
