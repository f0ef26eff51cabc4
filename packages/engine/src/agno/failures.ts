import type { ModelEndpoint } from '@wegent/api';
import { classifyError } from '../chat/classify-error.ts';
import { StreamInterrupted } from '../chat/failure-rules.ts';
import type { ProcessEnd } from '../claude-code/agent-process.ts';
import { redact } from '../redact.ts';
import { RunFailure } from '../run-failure.ts';
import type { BridgeProblem } from './bridge-messages.ts';

const MAX_DETAIL = 4_000;
/** Connections that break, and answers that nobody can read, by the names that Python's libraries have for them. */
const REFUSED = /^Connect(ion)?(Error|Timeout|RefusedError)$/;
const BROKEN = /^(RemoteProtocolError|ReadError|WriteError|ConnectionResetError|IncompleteRead)$/;
const TIMED_OUT = /Timeout/;
const UNREADABLE = /^(JSONDecodeError|UnicodeDecodeError|ValidationError|APIResponseValidationError)$/;

/** A failed call of the model, in the same words as those of the Chat engine. */
export function failureOfModel(problem: BridgeProblem, model: ModelEndpoint): RunFailure {
  const { error } = classifyError(causeOf(problem), model);
  return new RunFailure(error);
}

/** The run failed for a reason that is not the model's: something in Agno, or in our use of it. */
export function failureOfRun(problem: BridgeProblem, model: ModelEndpoint, stderr: string): RunFailure {
  return new RunFailure({
    reason: 'EngineCrashed',
    message: 'Agno stopped with an error of its own. Send the message again to go on.',
    retryable: true,
    ...detailOf([problem.names[0] ?? '', problem.message, stderr], model),
  });
}

/** The process is gone in the midst of a turn. */
export function failureOfCrash(end: ProcessEnd, stderr: string, model: ModelEndpoint): RunFailure {
  const detail = detailOf([end.error?.message ?? '', stderr], model);
  if (end.error) {
    const code = 'code' in end.error ? String(end.error.code) : 'unknown';
    const message = `Agno could not be started (${code}). Ask an administrator to look at python3 of the sandbox and to install the engine again.`;
    return new RunFailure({ reason: 'EngineCrashed', message, retryable: false, ...detail });
  }
  const how =
    end.signal === 'SIGKILL'
      ? 'was killed (signal SIGKILL), most often because memory ran out. Try again, or give the Shell more memory.'
      : `ended unexpectedly (${end.signal === null ? `exit code ${end.code}` : `signal ${end.signal}`}). Send the message again to go on.`;
  return new RunFailure({ reason: 'EngineCrashed', message: `Agno ${how}`, retryable: true, ...detail });
}

function causeOf({ names, message, status, body }: BridgeProblem): unknown {
  const facts = {
    message,
    ...(status === undefined ? {} : { statusCode: status }),
    ...(body === undefined ? {} : { data: body }),
  };
  if (status !== undefined || body !== undefined) return facts;
  if (names.some((name) => UNREADABLE.test(name))) return { ...facts, cause: new StreamInterrupted() };
  if (names.some((name) => BROKEN.test(name))) return { ...facts, code: 'ECONNRESET' };
  if (names.some((name) => TIMED_OUT.test(name))) return { ...facts, code: 'ETIMEDOUT' };
  if (names.some((name) => REFUSED.test(name))) return { ...facts, code: 'ECONNREFUSED' };
  return facts;
}

function detailOf(words: string[], model: ModelEndpoint): { detail?: string } {
  const detail = redact(words.filter(Boolean).join('\n'), model).slice(-MAX_DETAIL);
  return detail === '' ? {} : { detail };
}
