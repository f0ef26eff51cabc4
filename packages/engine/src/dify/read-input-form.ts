import type { InputControl, InputField, InputForm, ModelEndpoint, RunError } from '@wegent/api';
import { createOutbound, type Outbound } from '../outbound.ts';
import { messageField, SYSTEM_NAMES } from './build-inputs.ts';
import { type DifyApp, describeApp, type FormField, isChat } from './dify-app.ts';
import { createDifyClient } from './dify-client.ts';
import { type DifySettings, difySettings } from './dify-settings.ts';
import { difyFailure } from './failures.ts';

const LIMIT_MS = 15_000;
const QUIET_MS = 10_000;
const MAX_FIELDS = 100;
const MAX_OPTIONS = 500;
const MAX_WORDS = 1_000;

/**
 * Asks a Dify application what people fill in before it runs: its form without what the Model, the instructions and the
 * message fill in. Never rejects: what goes wrong is in `error`. `outboundAllow` as in ExecutionSpec.
 */
export async function readInputForm(given: {
  endpoint: ModelEndpoint;
  /** There are instructions, which go into a field of that name. */
  hasInstructions: boolean;
  signal?: AbortSignal;
  outboundAllow?: readonly string[] | undefined;
  outbound?: Outbound;
}): Promise<{ form: InputForm; error?: never } | { form?: never; error: RunError }> {
  const { endpoint, outbound = createOutbound() } = given;
  const limit = AbortSignal.timeout(LIMIT_MS);
  try {
    const settings = difySettings(endpoint);
    const client = createDifyClient({
      settings,
      user: 'wegent-form',
      fetch: outbound.fetchFor(given.outboundAllow),
      quietMs: QUIET_MS,
    });
    const signal = given.signal ? AbortSignal.any([given.signal, limit]) : limit;
    const app = await describeApp(client, signal);
    return { form: formOf(app, { settings, hasInstructions: given.hasInstructions }) };
  } catch (cause) {
    return { error: limit.aborted ? timedOut(endpoint) : difyFailure(cause, endpoint).error };
  }
}

function formOf(
  app: DifyApp,
  { settings, hasInstructions }: { settings: DifySettings; hasInstructions: boolean },
): InputForm {
  const filled: Record<string, unknown> = {
    ...(hasInstructions ? Object.fromEntries(SYSTEM_NAMES.map((name) => [name, true])) : {}),
    ...settings.params,
  };
  const words = isChat(app.mode ?? 'chat') ? undefined : messageField(app.form, filled);
  const asked = app.form.filter((field) => field !== words && filled[field.variable] === undefined);
  return {
    name: app.name.slice(0, MAX_WORDS) || settings.endpoint.name,
    fields: asked.slice(0, MAX_FIELDS).map(fieldOf),
  };
}

function fieldOf({
  control,
  variable,
  label,
  required,
  options,
  maxLength,
  preset,
  hint,
}: FormField): InputField {
  return {
    variable,
    label: label.slice(0, MAX_WORDS),
    control: CONTROLS[control] ?? 'text',
    required,
    options: options.slice(0, MAX_OPTIONS),
    ...(maxLength === undefined ? {} : { maxLength }),
    ...(preset === undefined || preset === '' ? {} : { preset }),
    ...(hint === '' ? {} : { hint: hint.slice(0, MAX_WORDS) }),
  };
}

const CONTROLS: Record<string, InputControl> = {
  'text-input': 'text',
  paragraph: 'paragraph',
  select: 'select',
  number: 'number',
  checkbox: 'checkbox',
  file: 'file',
  'file-list': 'files',
  json_object: 'json',
};

function timedOut({ name }: ModelEndpoint): RunError {
  return {
    reason: 'Timeout',
    message: `The Dify application “${name}” did not say what it asks for within ${LIMIT_MS / 1000} s. Check DIFY_BASE_URL in Models, or try again.`,
    retryable: true,
  };
}
