import { z } from 'zod';
import { RunError } from './execution.ts';

/** A value for the input form of an application; files are given by the ids of attachments of the message. */
export const InputValue = z.union([
  z.string().max(100_000),
  z.number(),
  z.boolean(),
  z.array(z.string().max(100)).max(20).describe('Ids of attachments of the message.'),
]);
export type InputValue = z.infer<typeof InputValue>;

/** Values by the name of the variable. */
export const InputValues = z
  .record(z.string().min(1).max(100), InputValue)
  .refine((values) => Object.keys(values).length <= 100, 'an input form has at most 100 values');
export type InputValues = z.infer<typeof InputValues>;

/** What a field is filled in with. */
export const InputControl = z.enum([
  'text',
  'paragraph',
  'select',
  'number',
  'checkbox',
  'file',
  'files',
  'json',
]);
export type InputControl = z.infer<typeof InputControl>;

/** A field of the form of an application. */
export const InputField = z.object({
  variable: z.string(),
  label: z.string(),
  control: InputControl,
  required: z.boolean(),
  options: z.array(z.string()).describe('Of a `select`.'),
  maxLength: z.number().int().optional().describe('Characters of a text.'),
  preset: InputValue.optional().describe('What it has when nobody fills it in.'),
  hint: z.string().optional(),
});
export type InputField = z.infer<typeof InputField>;

/** What an application asks for before it runs. */
export const InputForm = z.object({
  name: z.string().describe('Of the application.'),
  fields: z.array(InputField),
});
export type InputForm = z.infer<typeof InputForm>;

/** The form of an application that a Team works with, or why it could not be read. */
export const MemberInputForm = z.object({
  member: z.string().describe('Name of the member within the Team.'),
  model: z.string().describe('Name of the Model that stands for the application.'),
  form: InputForm.optional(),
  error: RunError.pick({ reason: true, message: true, detail: true }).optional(),
});
export type MemberInputForm = z.infer<typeof MemberInputForm>;

/** GET /api/v1/namespaces/{namespace}/teams/{name}/inputs. */
export const TeamInputs = z.object({ applications: z.array(MemberInputForm) });
export type TeamInputs = z.infer<typeof TeamInputs>;

/** What is wrong with a value. */
export type InputFault =
  | { code: 'required' | 'number' | 'boolean' | 'json' | 'files' | 'text' }
  | { code: 'option'; options: readonly string[] }
  | { code: 'long'; maxLength: number; length: number };

/** Is there nothing in it? */
export function isEmptyInput(value: unknown): boolean {
  return (
    value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0)
  );
}

/** Checks a value against its field, as the form does before it is sent and the engine before it runs. Pure. */
export function faultOfInput(field: InputField, value: unknown): InputFault | undefined {
  if (isEmptyInput(value))
    return field.required && field.preset === undefined ? { code: 'required' } : undefined;
  switch (field.control) {
    case 'select':
      return field.options.length === 0 || field.options.includes(String(value))
        ? undefined
        : { code: 'option', options: field.options };
    case 'number':
      return typeof value !== 'boolean' && Number.isFinite(Number(value)) ? undefined : { code: 'number' };
    case 'checkbox':
      return typeof value === 'boolean' ? undefined : { code: 'boolean' };
    case 'file':
    case 'files':
      return Array.isArray(value) ? undefined : { code: 'files' };
    case 'json':
      return isJsonObject(value) ? undefined : { code: 'json' };
    default: {
      if (typeof value !== 'string') return { code: 'text' };
      const length = [...value].length;
      return field.maxLength === undefined || length <= field.maxLength
        ? undefined
        : { code: 'long', maxLength: field.maxLength, length };
    }
  }
}

function isJsonObject(value: unknown): boolean {
  try {
    const parsed: unknown = typeof value === 'string' ? JSON.parse(value) : value;
    return typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed);
  } catch {
    return false;
  }
}
