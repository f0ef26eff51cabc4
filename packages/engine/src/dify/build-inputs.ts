import type { InputValues } from '@wegent/api';
import { RunFailure } from '../run-failure.ts';
import type { DifyApp, FormField } from './dify-app.ts';

/** Inputs for the application, and what people should know about them. */
export interface DifyInputs {
  inputs: Record<string, unknown>;
  warnings: { code: string; message: string }[];
}

/** Names that a variable for the person's words has most often. */
const MESSAGE_NAMES = ['query', 'prompt', 'input', 'question', 'message', 'text', 'content', 'task'];
/** Names that a variable for instructions has. */
export const SYSTEM_NAMES = ['system_prompt', 'instructions'];

/**
 * Fills the form of the application: what the person gave, DIFY_PARAMS before that, then the words of the message and
 * the instructions where they have a place. An application without a conversation takes the message in a text field. Throws a RunFailure that names
 * the field when something is missing or does not fit. Pure. `fileValues` are values for file fields, by variable.
 */
export function buildInputs(given: {
  app: DifyApp;
  appName: string;
  params: Record<string, unknown>;
  /** What the person filled in; other applications may know what this one does not. */
  values?: InputValues | undefined;
  /** The message where it must go into the form, else undefined. */
  message: string | undefined;
  systemPrompt: string;
  fileValues: Record<string, unknown>;
}): DifyInputs {
  const { app, params, message, systemPrompt } = given;
  const warnings: DifyInputs['warnings'] = [];
  const names = app.form.map((field) => field.variable);
  const filled: Record<string, unknown> = {
    ...personsValues(app.form, given.values ?? {}),
    ...params,
    ...given.fileValues,
  };
  for (const variable of SYSTEM_NAMES) {
    if (names.includes(variable) && filled[variable] === undefined && systemPrompt !== '')
      filled[variable] = systemPrompt;
  }
  if (message !== undefined) {
    const field = messageField(app.form, filled);
    if (field) filled[field.variable] = message;
    // Completion applications of old take the message beside the form.
    else if (app.mode !== 'completion')
      warnings.push({
        code: 'MessageNotUsed',
        message: `The Dify application “${given.appName}” has no free text field, so it did not get your message. Add a field “query” to its start node.`,
      });
  }
  const unknown = Object.keys(params).filter((name) => !names.includes(name));
  if (unknown.length > 0)
    warnings.push({
      code: 'UnknownInput',
      message: `The Dify application “${given.appName}” has no input ${quoted(unknown)}; it has ${names.length === 0 ? 'none' : quoted(names)}.`,
    });
  const inputs: Record<string, unknown> = {};
  for (const field of app.form) {
    const value = checkedValue(field, filled[field.variable], given.appName);
    if (value !== undefined) inputs[field.variable] = value;
  }
  return { inputs, warnings };
}

// Files come from attachments alone, and text that holds an object becomes one.
function personsValues(form: readonly FormField[], values: InputValues): Record<string, unknown> {
  const taken = form.flatMap(({ variable, control }): [string, unknown][] => {
    const value = Object.hasOwn(values, variable) ? values[variable] : undefined;
    if (value === undefined || Array.isArray(value) || control.startsWith('file')) return [];
    return [[variable, control === 'json_object' && typeof value === 'string' ? objectIn(value) : value]];
  });
  return Object.fromEntries(taken);
}

function objectIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** The field that takes the words of a message where there is no conversation. */
export function messageField(
  form: readonly FormField[],
  filled: Record<string, unknown>,
): FormField | undefined {
  const free = form.filter(
    ({ control, variable }) =>
      (control === 'text-input' || control === 'paragraph') && filled[variable] === undefined,
  );
  return (
    MESSAGE_NAMES.map((name) => free.find(({ variable }) => variable.toLowerCase() === name)).find(Boolean) ??
    free.find(({ required }) => required) ??
    free.find(({ control }) => control === 'paragraph') ??
    free[0]
  );
}

/** The value as the server takes it; an empty one of a field that is not required is left out. */
function checkedValue(field: FormField, given: unknown, appName: string): unknown {
  const wanted = (what: string) =>
    new RunFailure({
      reason: 'ModelBadRequest',
      message: `The input “${field.variable}” (${field.label}) of the Dify application “${appName}” ${what}. Fill it in with the message, or set it in DIFY_PARAMS of the Model.`,
      retryable: false,
    });
  if (given === undefined || given === null || given === '') {
    if (field.required && !field.hasDefault) throw wanted('is required and has no value');
    return undefined;
  }
  switch (field.control) {
    case 'select': {
      const chosen = String(given);
      if (field.options.length > 0 && !field.options.includes(chosen))
        throw wanted(`must be one of ${quoted(field.options)} and is “${chosen.slice(0, 100)}”`);
      return chosen;
    }
    case 'number':
      if (!Number.isFinite(Number(given))) throw wanted('must be a number');
      return Number(given);
    case 'checkbox':
      if (typeof given === 'boolean') return given;
      if (/^(true|1|yes|on)$/i.test(String(given))) return true;
      if (/^(false|0|no|off)$/i.test(String(given))) return false;
      throw wanted('must be true or false');
    case 'json_object':
    case 'file':
      if (typeof given !== 'object' || Array.isArray(given)) throw wanted('must be an object');
      return given;
    case 'file-list':
      if (!Array.isArray(given)) throw wanted('must be a list of files');
      return given;
    default: {
      const text = typeof given === 'string' ? given : JSON.stringify(given);
      if (field.maxLength !== undefined && [...text].length > field.maxLength)
        throw wanted(`takes ${field.maxLength} characters and would get ${[...text].length}`);
      return text;
    }
  }
}

function quoted(names: readonly string[]): string {
  const shown = names.slice(0, 20).map((name) => `“${name.slice(0, 100)}”`);
  return names.length > shown.length ? `${shown.join(', ')} and others` : shown.join(', ');
}
