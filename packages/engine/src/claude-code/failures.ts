import type { ModelEndpoint, RunError } from '@wegent/api';
import { redact } from '../redact.ts';
import { RunFailure } from '../run-failure.ts';
import type { ProcessEnd } from './agent-process.ts';
import type { ClaudeResult } from './messages.ts';

const MAX_DETAIL = 4_000;

type Verdict = Omit<RunError, 'detail'>;

/** A turn of the agent that ended in an error, as a person shall read it. */
export function failureOfResult(given: {
  result: ClaudeResult;
  /** Kind that the agent gave the failed model call, if one failed. */
  kind: string | undefined;
  model: ModelEndpoint;
  stderr: string;
}): RunFailure {
  const { result, kind, model, stderr } = given;
  const words = [result.result, ...(result.errors ?? [])].filter(Boolean).join('\n');
  const verdict = verdictOf({ result, kind, words, name: `model “${model.name}”`, modelId: model.modelId });
  return new RunFailure({ ...verdict, ...detailOf([words, stderr], model) });
}

/** The agent process is gone in the midst of a turn. */
export function failureOfCrash(end: ProcessEnd, stderr: string, model: ModelEndpoint): RunFailure {
  const detail = detailOf([end.error?.message ?? '', stderr], model);
  if (end.error) {
    const code = 'code' in end.error ? end.error.code : undefined;
    const hint =
      code === 'ENOENT' || code === 'EACCES'
        ? 'Its program is missing or may not be run; ask an administrator to install the engine again.'
        : 'Try again; if it stays so, tell an administrator.';
    return crashed(`Claude Code could not be started (${String(code ?? 'unknown')}). ${hint}`, detail, false);
  }
  if (end.signal === 'SIGKILL') {
    const message =
      'Claude Code was killed (signal SIGKILL), most often because memory ran out. Try again, or give the Shell more memory.';
    return crashed(message, detail, true);
  }
  const how = end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`;
  return crashed(`Claude Code ended unexpectedly (${how}). Send the message again to go on.`, detail, true);
}

function crashed(message: string, detail: Pick<RunError, 'detail'>, retryable: boolean): RunFailure {
  return new RunFailure({ reason: 'EngineCrashed', message, retryable, ...detail });
}

function detailOf(words: string[], model: ModelEndpoint): Pick<RunError, 'detail'> {
  const detail = redact(words.filter(Boolean).join('\n'), model).slice(-MAX_DETAIL);
  return detail === '' ? {} : { detail };
}

interface Facts {
  result: ClaudeResult;
  kind: string | undefined;
  words: string;
  name: string;
  modelId: string;
}

function verdictOf({ result, kind, words, name, modelId }: Facts): Verdict {
  const status = result.api_error_status ?? undefined;
  const terminal = result.terminal_reason ?? '';
  if (
    result.subtype === 'error_max_budget_usd' ||
    terminal === 'budget_exhausted' ||
    kind === 'billing_error'
  )
    return no('BudgetExceeded', `The budget of this run is used up. Raise it, or use a cheaper model.`);
  if (result.subtype === 'error_max_turns' || terminal === 'max_turns')
    return no('BudgetExceeded', `The agent has taken as many steps as it may in one turn. Ask it to go on.`);
  if (terminal === 'prompt_too_long' || /prompt is too long|context window/i.test(words))
    return no(
      'ContextTooLong',
      `The conversation is too long for ${name}. Start a new task, or choose a model with a larger window.`,
    );
  if (status === 401 || status === 403 || kind === 'authentication_failed')
    return no(
      'ModelAuth',
      `The provider refused the key of ${name} (${status ?? 'no access'}). Check the key and its rights in the settings of the Model.`,
    );
  if (status === 429 || kind === 'rate_limit')
    return yes(
      'ModelRateLimit',
      `${upper(name)} gets too many requests at the moment. Wait a little and try again.`,
    );
  if (status === 529 || status === 503 || kind === 'overloaded' || /overloaded/i.test(words))
    return yes(
      'ModelOverloaded',
      `${upper(name)} is overloaded. Wait a little and try again, or choose another model.`,
    );
  if (status === 404 || kind === 'model_not_found')
    return no(
      'ModelBadRequest',
      `The provider does not know the model id “${modelId}” of ${name}. Correct it in the settings of the Model.`,
    );
  if (status === 413)
    return no('ContextTooLong', `The request is too large for ${name}. Attach less, or start a new task.`);
  if (status !== undefined && status >= 400 && status < 500)
    return no('ModelBadRequest', `The provider of ${name} refused the request (${status}); see the details.`);
  if (/JSON Parse error|malformed|unexpected token/i.test(words))
    return yes(
      'ModelUnavailable',
      `The answer of ${name} was not understandable. Try again; check the address of the Model if it stays so.`,
    );
  if (
    status !== undefined ||
    kind === 'server_error' ||
    terminal === 'api_error' ||
    terminal === 'model_error' ||
    /ECONNREFUSED|ECONNRESET|fetch failed|timed? ?out/i.test(words)
  )
    return yes(
      'ModelUnavailable',
      `${upper(name)} cannot be reached or fails. Try again; check the address of the Model if it stays so.`,
    );
  return yes(
    'EngineCrashed',
    'Claude Code stopped with an error of its own. Send the message again to go on.',
  );
}

function yes(reason: Verdict['reason'], message: string): Verdict {
  return { reason, message, retryable: true };
}

function no(reason: Verdict['reason'], message: string): Verdict {
  return { reason, message, retryable: false };
}

function upper(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
