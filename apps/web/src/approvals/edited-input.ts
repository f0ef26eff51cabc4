/** How an input is edited: one of its fields as text, or all of it as JSON. */
export interface InputEditor {
  field: 'command' | 'plan' | undefined;
  text: string;
}

/** The text to begin editing with. */
export function editorOf(input: unknown): InputEditor {
  if (typeof input === 'object' && input !== null) {
    for (const field of ['command', 'plan'] as const) {
      const value: unknown = Reflect.get(input, field);
      if (typeof value === 'string' && value !== '') return { field, text: value };
    }
  }
  return { field: undefined, text: JSON.stringify(input, null, 2) ?? '' };
}

/** The input that an edited text stands for; not ok when it is no JSON of the kind that was there. */
export function editedInput(
  input: unknown,
  { field }: InputEditor,
  text: string,
): { ok: true; input: unknown } | { ok: false } {
  if (field !== undefined) {
    return text.trim() === '' ? { ok: false } : { ok: true, input: { ...Object(input), [field]: text } };
  }
  try {
    const value: unknown = JSON.parse(text);
    const alike =
      typeof value === typeof input && Array.isArray(value) === Array.isArray(input) && value !== null;
    return alike ? { ok: true, input: value } : { ok: false };
  } catch {
    return { ok: false };
  }
}
