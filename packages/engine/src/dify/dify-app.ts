import type { DifyClient } from './dify-client.ts';
import { asRecord, recordIn, textIn } from './dify-event.ts';
import { DifyFault } from './dify-fault.ts';

/** Kinds of applications. `agent` is the agent application of Dify 1.16. */
export type DifyMode = (typeof MODES)[number];

const MODES = ['chat', 'agent-chat', 'advanced-chat', 'agent', 'workflow', 'completion'] as const;

/** A field of the application's input form. */
export interface FormField {
  /** `text-input`, `paragraph`, `select`, `number`, `checkbox`, `file`, `file-list`, `json_object`, or one that is new. */
  control: string;
  variable: string;
  label: string;
  required: boolean;
  options: string[];
  maxLength: number | undefined;
  /** What the server takes when nothing is given. */
  preset: string | number | boolean | undefined;
  hasDefault: boolean;
  hint: string;
}

/** What files a message may have. */
export interface FileRules {
  enabled: boolean;
  types: string[];
  extensions: string[];
  limit: number | undefined;
}

/** An application as its server describes it. */
export interface DifyApp {
  name: string;
  /** Undefined where an older server does not say. */
  mode: DifyMode | undefined;
  form: FormField[];
  files: FileRules;
}

/** Asks what the application is and what it wants. Rejects with a DifyFault for a mode that is not known. */
export async function describeApp(client: DifyClient, signal: AbortSignal): Promise<DifyApp> {
  const [info, parameters] = await Promise.all([
    client.get('/info', signal).catch(ifAbsent),
    client.get('/parameters', signal),
  ]);
  const mode = textIn(info, 'mode');
  const known = MODES.find((one) => one === mode);
  if (mode !== '' && !known)
    throw new DifyFault({
      code: 'app_unavailable',
      message: `mode "${mode}" is not known here; known are ${MODES.join(', ')}`,
    });
  const form = Array.isArray(parameters.user_input_form) ? parameters.user_input_form : undefined;
  // A server of something else may well answer 200 to everything.
  if (!form) throw new DifyFault({ foreign: true, message: 'its /parameters has no user_input_form' });
  return {
    name: textIn(info, 'name'),
    mode: known,
    form: form.flatMap(fieldOf),
    files: fileRulesOf(recordIn(parameters, 'file_upload')),
  };
}

/** Does the application hold a conversation? */
export function isChat(mode: DifyMode): boolean {
  return mode !== 'workflow' && mode !== 'completion';
}

/** Does a workflow stand behind the application? */
export function isWorkflow(mode: DifyMode): boolean {
  return mode === 'workflow' || mode === 'advanced-chat';
}

function ifAbsent(cause: unknown): Record<string, unknown> {
  if (cause instanceof DifyFault && cause.status === 404 && !cause.foreign) return {};
  throw cause;
}

/** `{"text-input": {variable, label, …}}`. */
function fieldOf(entry: unknown): FormField[] {
  const [pair] = Object.entries(asRecord(entry) ?? {});
  const field = asRecord(pair?.[1]);
  const variable = textIn(field, 'variable');
  // The server fills these itself.
  if (!pair || !field || variable === '' || pair[0] === 'external_data_tool') return [];
  const { options, max_length: maxLength, default: preset } = field;
  return [
    {
      control: pair[0],
      variable,
      label: textIn(field, 'label') || variable,
      required: field.required === true,
      options: Array.isArray(options) ? options.filter((option) => typeof option === 'string') : [],
      maxLength: typeof maxLength === 'number' && maxLength > 0 ? maxLength : undefined,
      preset:
        typeof preset === 'string' || typeof preset === 'number' || typeof preset === 'boolean'
          ? preset
          : undefined,
      hasDefault: preset !== undefined && preset !== null && preset !== '',
      hint: textIn(field, 'hint') || textIn(field, 'placeholder'),
    },
  ];
}

function fileRulesOf(upload: Record<string, unknown>): FileRules {
  const image = recordIn(upload, 'image');
  const list = (value: unknown) =>
    Array.isArray(value) ? value.filter((one) => typeof one === 'string') : [];
  const types = list(upload.allowed_file_types);
  const limit = upload.number_limits ?? image.number_limits;
  return {
    enabled: upload.enabled === true || image.enabled === true,
    // Older servers know nothing but images.
    types: types.length === 0 && image.enabled === true ? ['image'] : types,
    extensions: list(upload.allowed_file_extensions).map((one) => one.toLowerCase().replace(/^\./, '')),
    limit: typeof limit === 'number' && limit > 0 ? limit : undefined,
  };
}
