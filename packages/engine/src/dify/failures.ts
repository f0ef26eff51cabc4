import type { ModelEndpoint, RunError, RunErrorReason } from '@wegent/api';
import { classifyError } from '../chat/classify-error.ts';
import { redact } from '../redact.ts';
import { RunFailure } from '../run-failure.ts';
import { DifyFault, DifySilent, DifyStreamBroken } from './dify-fault.ts';

const MAX_DETAIL = 2_000;

type Verdict = Pick<RunError, 'reason' | 'message' | 'retryable'>;

/** Whatever a call of Dify threw as a person shall read it: what happened, and what to do. */
export function difyFailure(cause: unknown, endpoint: ModelEndpoint): RunFailure {
  if (cause instanceof RunFailure) return cause;
  const who = `Dify application “${endpoint.name}”`;
  const verdict = verdictOf(cause, who);
  if (!verdict)
    return new RunFailure(relabel(classifyError(cause, endpoint).error, who, endpoint), { cause });
  const words = cause instanceof Error ? cleanWords(cause.message) : '';
  const code = cause instanceof DifyFault ? cause.code : '';
  const detail = redact([code, words].filter(Boolean).join(': '), endpoint).slice(0, MAX_DETAIL);
  return new RunFailure({ ...verdict, ...(detail === '' ? {} : { detail }) }, { cause });
}

/** Was the request refused before anything ran, so that sending it again does nothing twice? */
export function mayRepeat(cause: unknown): boolean {
  if (cause instanceof DifyFault) return cause.code === 'too_many_requests' || cause.status === 503;
  const code = cause instanceof Error && 'code' in cause ? cause.code : undefined;
  return code === 'ECONNREFUSED' || code === 'EAI_AGAIN';
}

/** Is the conversation gone, so that only a new one helps? */
export function isConversationLost(cause: unknown): boolean {
  if (!(cause instanceof DifyFault)) return false;
  if (cause.code === 'conversation_completed') return true;
  return cause.status === 404 && /conversation/i.test(cause.message);
}

/** Does the refusal say that the application is of another mode? */
export function isWrongMode(cause: unknown): boolean {
  return cause instanceof DifyFault && WRONG_MODE.has(cause.code);
}

const WRONG_MODE = new Set(['not_chat_app', 'not_workflow_app', 'not_completion_app']);

function verdictOf(cause: unknown, who: string): Verdict | undefined {
  if (cause instanceof DifySilent)
    return {
      reason: 'Timeout',
      message: `The ${who} was silent for ${cause.seconds} s, not even a ping came. Try again; if it happens often, look whether a proxy before Dify holds streams back (proxy_buffering off).`,
      retryable: true,
    };
  if (cause instanceof DifyStreamBroken)
    return {
      reason: 'ModelUnavailable',
      message: `The answer of the ${who} broke off or was not understood. Try again; if it stays so, check DIFY_BASE_URL and what stands before the Dify server.`,
      retryable: true,
    };
  if (!(cause instanceof DifyFault)) return undefined;
  const known = BY_CODE[cause.code];
  if (cause.code === 'completion_request_error' || cause.code === 'workflow_failed')
    return completionVerdict(cause, who);
  if (known) return known(who);
  return byStatus(cause, who);
}

function verdict(
  reason: RunErrorReason,
  message: (who: string) => string,
  retryable = false,
): (who: string) => Verdict {
  return (who) => ({ reason, message: message(who), retryable });
}

const wrongMode = verdict(
  'ModelBadRequest',
  (who) =>
    `The ${who} is of another mode than its /info says. Publish it again in Dify, or take the key of the right application.`,
);

const BY_CODE: Record<string, (who: string) => Verdict> = {
  unauthorized: verdict(
    'ModelAuth',
    (who) =>
      `The key of the ${who} was refused (401). Check DIFY_API_KEY in Models; each application has its own.`,
  ),
  forbidden: verdict(
    'ModelAuth',
    (who) =>
      `The Dify server does not serve the ${who} (403): it was deleted, or its API or workspace is switched off. Switch on “Backend Service API” in Dify.`,
  ),
  workflow_version_execution_not_allowed: verdict(
    'ModelBadRequest',
    (who) => `The plan at Dify does not allow to run a fixed version of the ${who}. Use the published one.`,
  ),
  not_chat_app: wrongMode,
  not_workflow_app: wrongMode,
  not_completion_app: wrongMode,
  app_unavailable: verdict(
    'ModelBadRequest',
    (who) => `The ${who} is not usable. Look at its configuration in Dify and publish it.`,
  ),
  agent_not_published: verdict(
    'ModelBadRequest',
    (who) => `The ${who} was not published yet. Publish it in Dify.`,
  ),
  workflow_not_published: verdict(
    'ModelBadRequest',
    (who) => `The ${who} was not published yet. Publish it in Dify.`,
  ),
  invalid_param: verdict(
    'ModelBadRequest',
    (who) => `The ${who} did not take its inputs. What it wants is below; correct DIFY_PARAMS in Models.`,
  ),
  bad_request: verdict(
    'ModelBadRequest',
    (who) => `The ${who} did not take the request. What it says is below; correct DIFY_PARAMS in Models.`,
  ),
  not_found: verdict(
    'ModelBadRequest',
    (who) => `The Dify server does not find what was asked of the ${who} (404). Publish it in Dify.`,
  ),
  conversation_completed: verdict(
    'ModelBadRequest',
    (who) => `The conversation with the ${who} is closed. Start a new chat.`,
  ),
  provider_not_initialize: verdict(
    'ModelAuth',
    (who) => `The model of the ${who} has no key in Dify. Give it one in Dify, Settings, Model Provider.`,
  ),
  provider_quota_exceeded: verdict(
    'BudgetExceeded',
    (who) =>
      `The quota of the model of the ${who} is used up in Dify. Top it up, or give Dify a key of your own.`,
  ),
  model_currently_not_support: verdict(
    'ModelUnavailable',
    (who) => `The model of the ${who} is not available in Dify. Choose another one in Dify.`,
  ),
  file_too_large: verdict(
    'ModelBadRequest',
    (who) =>
      `A file is too large for the ${who}. Attach a smaller one, or raise UPLOAD_FILE_SIZE_LIMIT of Dify.`,
  ),
  unsupported_file_type: verdict(
    'ModelBadRequest',
    (who) => `The ${who} does not take files of this type. Attach another one.`,
  ),
  too_many_files: verdict('ModelBadRequest', (who) => `The ${who} takes fewer files at once. Attach less.`),
  too_many_requests: verdict(
    'ModelRateLimit',
    (who) =>
      `The ${who} has as many runs at once as it may (429). Try again in a moment, or raise APP_MAX_ACTIVE_REQUESTS in Dify; after a crash a place is taken for ten minutes.`,
    true,
  ),
  rate_limit_error: verdict(
    'BudgetExceeded',
    (who) =>
      `The plan at Dify allows no more requests to the ${who} for now (429). Wait, or change the plan.`,
  ),
  internal_server_error: verdict(
    'ModelUnavailable',
    (who) =>
      `The Dify server failed at the ${who} (500). Try again; if it stays so, look at the logs of Dify.`,
    true,
  ),
};

/** The model behind the application failed, and only the provider's words tell why. */
function completionVerdict({ code, message }: DifyFault, who: string): Verdict {
  if (/rate.?limit|too many requests|\b429\b|quota/i.test(message))
    return {
      reason: 'ModelRateLimit',
      message: `The model of the ${who} allows no more requests for now. Wait a moment, or raise the limit at its provider.`,
      retryable: true,
    };
  if (
    /context.?(?:length|window)|maximum context|prompt is too long|too many (?:input )?tokens/i.test(message)
  )
    return {
      reason: 'ContextTooLong',
      message: `The conversation is too long for the model of the ${who}. Start a new chat or shorten the message.`,
      retryable: false,
    };
  if (code === 'workflow_failed')
    return {
      reason: 'ModelUnavailable',
      message: `The workflow of the ${who} failed. Its error is below; look at the run in the logs of Dify.`,
      retryable: false,
    };
  return {
    reason: 'ModelUnavailable',
    message: `The model of the ${who} failed. What its provider says is below; look at the model in Dify.`,
    retryable: false,
  };
}

function byStatus({ status, foreign }: DifyFault, who: string): Verdict | undefined {
  if (status === undefined)
    return foreign
      ? {
          reason: 'ModelUnavailable',
          message: `What answers at DIFY_BASE_URL of the ${who} is no Dify server. Check the address in Models.`,
          retryable: false,
        }
      : {
          reason: 'ModelUnavailable',
          message: `The ${who} reported an error. Its words are below; look at the run in the logs of Dify.`,
          retryable: false,
        };
  if (status === 401) return BY_CODE.unauthorized?.(who);
  if (status === 403) return BY_CODE.forbidden?.(who);
  if (status === 413) return BY_CODE.file_too_large?.(who);
  if (status === 415) return BY_CODE.unsupported_file_type?.(who);
  if (status === 404)
    return {
      reason: 'ModelUnavailable',
      message: `No Dify API answers at DIFY_BASE_URL of the ${who} (404). Check the address in Models.`,
      retryable: false,
    };
  if (status === 502 || status === 504)
    return {
      reason: status === 504 ? 'Timeout' : 'ModelUnavailable',
      message: `The proxy before the Dify server of the ${who} got no answer (${status}). Try again in a moment.`,
      retryable: true,
    };
  if (status >= 300 && status < 400)
    return {
      reason: 'ModelUnavailable',
      message: `DIFY_BASE_URL of the ${who} leads elsewhere (${status}), and redirects are not followed. Give the final address in Models.`,
      retryable: false,
    };
  if (status === 429) return BY_CODE.too_many_requests?.(who);
  if (status >= 500) return BY_CODE.internal_server_error?.(who);
  return {
    reason: 'ModelBadRequest',
    message: `The Dify server did not take the request to the ${who} (${status}). Its words are below.`,
    retryable: false,
  };
}

/** The Chat engine's words about connections, with the name of what was called here. */
function relabel(error: RunError, who: string, { name }: ModelEndpoint): RunError {
  return {
    ...error,
    message: error.message.replace(`model “${name}”`, who).replace('the base URL', 'DIFY_BASE_URL'),
  };
}

// Flask guesses what else one might have meant.
function cleanWords(words: string): string {
  return words.replace(/\s*You have requested this URI.*$/s, '').trim();
}
