import type { ModelEndpoint, RunError, RunErrorReason } from '@wegent/api';
import { RunFailure } from '../run-failure.ts';
import { type ErrorFacts, errorFacts } from './error-facts.ts';
import { redact } from './redact.ts';

/** A failure of a model call as a person shall read it, and how long the provider asks to wait. */
export interface Classified {
  error: RunError;
  retryAfterMs?: number;
}

const MAX_DETAIL = 2_000;

/** Puts whatever a model call threw into the closed list of reasons, with a sentence that says what to do. */
export function classifyError(cause: unknown, model: ModelEndpoint): Classified {
  if (cause instanceof RunFailure) return { error: cause.error };
  const facts = errorFacts(cause);
  const verdict = verdictOf(facts, model);
  const detail = redact(facts.words, model).slice(0, MAX_DETAIL);
  return {
    error: { ...verdict, ...(detail === '' ? {} : { detail }) },
    ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
  };
}

type Verdict = Omit<RunError, 'detail'>;

function verdictOf(facts: ErrorFacts, model: ModelEndpoint): Verdict {
  const { status, names, words } = facts;
  const who = `model “${model.name}”`;
  if (names.includes('OutboundRefused'))
    return no(
      'ModelUnavailable',
      `The address of ${who} is in a private network that may not be called from here. Ask an administrator to allow it (OUTBOUND_ALLOW).`,
    );
  if (names.includes('AI_LoadAPIKeyError'))
    return no('ModelAuth', `The ${who} has no key. Add one in Models.`);
  if (isContextLength(facts))
    return no(
      'ContextTooLong',
      `The conversation is too long for ${who}. Start a new chat, shorten the message, or choose a model with a larger window.`,
    );
  if (
    has(facts, 'insufficient_quota', 'billing_error', 'credit_balance_too_low') ||
    status === 402 ||
    /credit balance is too low/i.test(words)
  )
    return no(
      'ModelRateLimit',
      `The account of ${who} has no credit left. Check plan and billing at the provider.`,
    );
  if (
    status === 401 ||
    has(facts, 'authentication_error', 'invalid_api_key', 'unauthenticated') ||
    /api key not valid/i.test(words)
  )
    return no('ModelAuth', `The key of ${who} was refused (${status ?? 401}). Check the key in Models.`);
  if (status === 403 || has(facts, 'permission_error', 'permission_denied'))
    return no(
      'ModelAuth',
      `The provider forbids this key to use ${who} (403). Check key and access rights in Models.`,
    );
  if (
    status === 529 ||
    has(facts, 'overloaded_error', 'overloaded', 'server_is_overloaded') ||
    (status === 503 && /overload|capacity|busy/i.test(words))
  )
    return again(
      'ModelOverloaded',
      `The ${who} is overloaded (${status ?? 529}). Try again in a moment or choose another model.`,
    );
  if (status === 429 || has(facts, 'rate_limit_error', 'rate_limit_exceeded', 'resource_exhausted'))
    return again(
      'ModelRateLimit',
      `The provider of ${who} allows no more requests for now (429). Wait a moment, or raise the limit at the provider.`,
    );
  if (status === 404 && !namesModel(facts, model))
    return no(
      'ModelUnavailable',
      `Nothing answers at the base URL of ${who} (404). Check the base URL in Models.`,
    );
  if (status === 404 || has(facts, 'model_not_found', 'not_found_error'))
    return no(
      'ModelBadRequest',
      `The provider does not know ${who} by the id ${model.modelId} (404). Check the model id in Models.`,
    );
  if (status !== undefined && status >= 300 && status < 400)
    return no(
      'ModelUnavailable',
      `The base URL of ${who} leads elsewhere (${status}). Give the final address in Models.`,
    );
  if (status !== undefined && status >= 500)
    return again(
      'ModelUnavailable',
      `The provider of ${who} failed (${status}). Try again in a moment or choose another model.`,
    );
  if (status === 408)
    return again('ModelUnavailable', `The provider of ${who} gave up waiting (408). Try again.`);
  if (status === 413)
    return no(
      'ModelBadRequest',
      `The request is too large for ${who} (413). Send less text or smaller attachments.`,
    );
  if (status !== undefined && status >= 400)
    return no(
      'ModelBadRequest',
      `The provider of ${who} refused the request (${status}). Its words are below; check the settings in Models.`,
    );
  if (has(facts, 'invalid_request_error'))
    return no(
      'ModelBadRequest',
      `The provider of ${who} refused the request. Its words are below; check the settings in Models.`,
    );
  return verdictOfConnection(facts, who);
}

function verdictOfConnection({ network, names, codes, words }: ErrorFacts, who: string): Verdict {
  if (network === 'ENOTFOUND')
    return no('ModelUnavailable', `The host of ${who} is not known. Check the base URL in Models.`);
  if (network === 'ECONNREFUSED')
    return again(
      'ModelUnavailable',
      `Nothing listens at the base URL of ${who}. Check in Models that it is right and that the server runs.`,
    );
  if (network !== undefined && /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(network))
    return no(
      'ModelUnavailable',
      `The certificate of ${who} is not valid (${network}). Check the base URL in Models.`,
    );
  if (network !== undefined || /socket hang up|aborted|terminated|other side closed/i.test(words))
    return again('ModelUnavailable', `The connection to ${who} broke. Try again.`);
  if (names.some((name) => BROKEN_ANSWER.has(name)) || /parse|stream ended/i.test(words))
    return again(
      'ModelUnavailable',
      `The answer of ${who} broke off or was not understood. Try again; if it stays so, check protocol and base URL in Models.`,
    );
  if (codes.includes('server_error') || codes.includes('api_error'))
    return again(
      'ModelUnavailable',
      `The provider of ${who} failed. Try again in a moment or choose another model.`,
    );
  if (words !== '' && names.length === 0)
    return again('ModelUnavailable', `The provider of ${who} reported an error. Its words are below.`);
  return no(
    'Internal',
    'Something went wrong inside the platform. Try again; if it stays so, tell an administrator.',
  );
}

/** The stream ended without the protocol's end, or held something else than the protocol's messages. */
export class StreamInterrupted extends Error {
  constructor() {
    super('the stream ended before the answer was complete');
    this.name = 'StreamInterrupted';
  }
}

const BROKEN_ANSWER = new Set([
  'StreamInterrupted',
  'AI_JSONParseError',
  'AI_TypeValidationError',
  'AI_InvalidResponseDataError',
  'AI_EmptyResponseBodyError',
  'AI_NoContentGeneratedError',
  'AI_NoOutputGeneratedError',
]);

const CONTEXT_WORDS =
  /prompt is too long|maximum context length|context[ _-](?:length|window|size|limit)|input token count .*exceeds|exceeds? the (?:maximum|max|available) (?:number of )?(?:input )?(?:tokens|context)|input is too long|too many (?:input )?tokens|range of input length|reduce the length of the (?:messages|input|prompt)/i;

function isContextLength(facts: ErrorFacts): boolean {
  if (has(facts, 'context_length_exceeded', 'context_window_exceeded')) return true;
  const refused =
    facts.status === undefined || facts.status === 400 || facts.status === 413 || facts.status === 422;
  return refused && CONTEXT_WORDS.test(facts.words);
}

/** A 404 about the model, and not about the address. */
function namesModel(facts: ErrorFacts, model: ModelEndpoint): boolean {
  if (facts.foreign) return false;
  return (
    has(facts, 'model_not_found') || facts.words.includes(model.modelId) || /\bmodel\b/i.test(facts.words)
  );
}

function has({ codes }: ErrorFacts, ...wanted: string[]): boolean {
  return wanted.some((code) => codes.includes(code));
}

function again(reason: RunErrorReason, message: string): Verdict {
  return { reason, message, retryable: true };
}

function no(reason: RunErrorReason, message: string): Verdict {
  return { reason, message, retryable: false };
}
