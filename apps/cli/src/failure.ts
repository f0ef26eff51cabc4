import { ApiError } from '@wegent/api';
import { printSafe } from './output/printable.ts';
import { whyUnreachable } from './unreachable.ts';

/** How the command ended. CI jobs read these, so they never change. */
export const EXIT = {
  /** The work was not done: a refused document, a failed run. */
  failed: 1,
  /** The command itself was wrong. */
  usage: 2,
  /** The run was cancelled, as by Ctrl+C. */
  cancelled: 130,
  /** `--timeout` passed. */
  timeout: 124,
  /** Whoever read the output ended first, as `head` does; what shells say of such commands. */
  pipe: 141,
} as const;

/** A failure whose text is written for the person at the terminal. An empty text prints nothing. */
export class CommandError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode: number = EXIT.failed) {
    super(message);
    this.name = 'CommandError';
    this.exitCode = exitCode;
  }
}

/** What to print and with which code to end, for whatever was thrown. Servers quote what others wrote. */
export function explainFailure(error: unknown): { message: string; exitCode: number } {
  if (error instanceof CommandError) return { message: printSafe(error.message), exitCode: error.exitCode };
  if (error instanceof ApiError) return { message: explainApiError(error), exitCode: EXIT.failed };
  return {
    message: printSafe(error instanceof Error ? error.message : String(error)),
    exitCode: EXIT.failed,
  };
}

/** One line for the refusal and one for each field that is wrong. */
export function explainApiError(error: ApiError): string {
  if (error.reason === 'ServiceUnavailable' && error.cause !== undefined)
    return printSafe(`the server cannot be reached: ${whyUnreachable(error.cause)}`);
  const causes = (error.details?.causes ?? []).filter(
    ({ field, message }) => message !== undefined && (field !== undefined || message !== error.message),
  );
  if (causes.length === 0) return printSafe(`${error.message} (${error.reason})`);
  const fields = causes.map(({ field, message }) => `  ${field === undefined ? '' : `${field}: `}${message}`);
  return printSafe(
    [`${withoutFields(error.message, causes[0]?.field)} (${error.reason})`, ...fields].join('\n'),
  );
}

/** Messages of invalid objects repeat their causes, which have lines of their own here. */
function withoutFields(message: string, field: string | undefined): string {
  const begin = field === undefined ? -1 : message.indexOf(field);
  return begin <= 0 ? message : message.slice(0, begin).replace(/[\s:[]+$/, '');
}
