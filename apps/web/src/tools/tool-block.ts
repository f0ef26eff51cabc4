import type { Block } from '@wegent/api';

/** A tool call of an answer. */
export type ToolBlock = Extract<Block, { type: 'tool' }>;

/** A text field of data whose shape nobody promises; empty when it is not there. */
export function textField(value: unknown, ...names: readonly string[]): string {
  if (typeof value !== 'object' || value === null) return '';
  for (const name of names) {
    const field: unknown = Reflect.get(value, name);
    if (typeof field === 'string' && field !== '') return field;
  }
  return '';
}

/** A field of data whose shape nobody promises. */
export function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : undefined;
}
