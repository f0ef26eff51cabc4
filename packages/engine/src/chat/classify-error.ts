import type { ModelEndpoint, RunError } from '@wegent/api';
import { redact } from '../redact.ts';
import { RunFailure } from '../run-failure.ts';
import { errorFacts } from './error-facts.ts';
import { FAILURE_RULES } from './failure-rules.ts';

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
  const { modelId } = model;
  const rule = FAILURE_RULES.find(({ when }) => when(facts, modelId));
  // An error that no rule knows is one of our own: its words are for the log and not for people.
  if (!rule) return { error: INTERNAL };
  const message = rule.message({ who: `model “${model.name}”`, modelId, facts });
  const detail = redact(facts.words, model).slice(0, MAX_DETAIL);
  return {
    error: {
      reason: rule.reason,
      message,
      retryable: rule.retryable,
      ...(detail === '' ? {} : { detail }),
    },
    ...(facts.retryAfterMs === undefined ? {} : { retryAfterMs: facts.retryAfterMs }),
  };
}

const INTERNAL: RunError = {
  reason: 'Internal',
  message: 'Something went wrong inside the platform. Try again; if it stays so, tell an administrator.',
  retryable: false,
};
