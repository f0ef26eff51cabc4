import type { RunErrorReason } from '@wegent/api';
import type { ErrorFacts } from './error-facts.ts';

/** How one kind of failure is told. */
export interface FailureRule {
  reason: RunErrorReason;
  /** May the same call succeed a moment later? */
  retryable: boolean;
  when: (facts: ErrorFacts, modelId: string) => boolean;
  /** What happened and what to do; `who` is the model's name for people. */
  message: (about: { who: string; modelId: string; facts: ErrorFacts }) => string;
}

/** Kinds of failures, the particular before the general: the first rule that fits counts. */
export const FAILURE_RULES: readonly FailureRule[] = [
  {
    reason: 'ModelUnavailable',
    retryable: false,
    when: ({ names }) => names.includes('OutboundRefused'),
    message: ({ who }) =>
      `The address of ${who} is in a private network that may not be called from here. Ask an administrator to allow it (OUTBOUND_ALLOW).`,
  },
  {
    reason: 'ContextTooLong',
    retryable: false,
    when: isContextLength,
    message: ({ who }) =>
      `The conversation is too long for ${who}. Start a new chat, shorten the message, or choose a model with a larger window.`,
  },
  {
    reason: 'ModelRateLimit',
    retryable: false,
    when: (facts) =>
      facts.status === 402 ||
      has(facts, 'insufficient_quota', 'billing_error') ||
      /credit balance is too low/i.test(facts.words),
    message: ({ who }) => `The account of ${who} has no credit left. Check plan and billing at the provider.`,
  },
  {
    reason: 'ModelAuth',
    retryable: false,
    when: (facts) =>
      facts.status === 401 ||
      has(facts, 'authentication_error', 'invalid_api_key', 'unauthenticated') ||
      /api key not valid/i.test(facts.words),
    message: ({ who, facts }) =>
      `The key of ${who} was refused (${facts.status ?? 401}). Check the key in Models.`,
  },
  {
    reason: 'ModelAuth',
    retryable: false,
    when: (facts) => facts.status === 403 || has(facts, 'permission_error', 'permission_denied'),
    message: ({ who }) =>
      `The provider forbids this key to use ${who} (403). Check key and access rights in Models.`,
  },
  {
    reason: 'ModelOverloaded',
    retryable: true,
    when: (facts) =>
      facts.status === 529 ||
      has(facts, 'overloaded_error', 'overloaded', 'server_is_overloaded') ||
      (facts.status === 503 && /overload|capacity|busy/i.test(facts.words)),
    message: ({ who, facts }) =>
      `The ${who} is overloaded (${facts.status ?? 529}). Try again in a moment or choose another model.`,
  },
  {
    reason: 'ModelRateLimit',
    retryable: true,
    when: (facts) =>
      facts.status === 429 || has(facts, 'rate_limit_error', 'rate_limit_exceeded', 'resource_exhausted'),
    message: ({ who }) =>
      `The provider of ${who} allows no more requests for now (429). Wait a moment, or raise the limit at the provider.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: false,
    when: (facts, modelId) => facts.status === 404 && !isAboutModel(facts, modelId),
    message: ({ who }) => `Nothing answers at the base URL of ${who} (404). Check the base URL in Models.`,
  },
  {
    reason: 'ModelBadRequest',
    retryable: false,
    when: (facts) => facts.status === 404 || has(facts, 'model_not_found', 'not_found_error'),
    message: ({ who, modelId }) =>
      `The provider does not know ${who} by the id ${modelId} (404). Check the model id in Models.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: false,
    when: ({ status = 0 }) => status >= 300 && status < 400,
    message: ({ who, facts }) =>
      `The base URL of ${who} leads elsewhere (${facts.status}). Give the final address in Models.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: true,
    when: (facts) =>
      facts.status === 408 || (facts.status ?? 0) >= 500 || has(facts, 'server_error', 'api_error'),
    message: ({ who, facts }) =>
      `The provider of ${who} failed (${facts.status ?? 500}). Try again in a moment or choose another model.`,
  },
  {
    reason: 'ModelBadRequest',
    retryable: false,
    when: ({ status }) => status === 413,
    message: ({ who }) => `The request is too large for ${who} (413). Send less text or smaller attachments.`,
  },
  {
    reason: 'ModelBadRequest',
    retryable: false,
    when: (facts) => (facts.status ?? 0) >= 400 || has(facts, 'invalid_request_error'),
    message: ({ who, facts }) =>
      `The provider of ${who} refused the request (${facts.status ?? 400}). Its words are below; check the settings in Models.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: false,
    when: ({ network }) => network === 'ENOTFOUND',
    message: ({ who }) => `The host of ${who} is not known. Check the base URL in Models.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: true,
    when: ({ network }) => network === 'ECONNREFUSED',
    message: ({ who }) =>
      `Nothing listens at the base URL of ${who}. Check in Models that it is right and that the server runs.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: false,
    when: ({ network = '' }) => /CERT|TLS|SSL|SELF_SIGNED|UNABLE_TO/.test(network),
    message: ({ who, facts }) =>
      `The certificate of ${who} is not valid (${facts.network}). Check the base URL in Models.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: true,
    when: ({ network, words }) =>
      network !== undefined || /socket hang up|aborted|terminated|other side closed/i.test(words),
    message: ({ who }) => `The connection to ${who} broke. Try again.`,
  },
  {
    reason: 'ModelUnavailable',
    retryable: true,
    when: ({ names }) => names.some((name) => BROKEN_ANSWER.has(name)),
    message: ({ who }) =>
      `The answer of ${who} broke off or was not understood. Try again; if it stays so, check protocol and base URL in Models.`,
  },
  {
    // What a provider sends as an error in its stream is no Error of ours.
    reason: 'ModelUnavailable',
    retryable: true,
    when: ({ names, words }) => names.length === 0 && words !== '',
    message: ({ who }) => `The provider of ${who} reported an error. Its words are below.`,
  },
];

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
  return [undefined, 400, 413, 422].includes(facts.status) && CONTEXT_WORDS.test(facts.words);
}

/** Is a 404 about the model, and not about the address? */
function isAboutModel(facts: ErrorFacts, modelId: string): boolean {
  if (facts.foreign) return false;
  return has(facts, 'model_not_found') || facts.words.includes(modelId) || /\bmodel\b/i.test(facts.words);
}

function has({ codes }: ErrorFacts, ...wanted: string[]): boolean {
  return wanted.some((code) => codes.includes(code));
}
