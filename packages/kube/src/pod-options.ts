import { ApiError, invalid } from '@wegent/api';
import { isSet, type QueryParameters } from './query-parameters.ts';

/** Which part of a log is wanted (`kubectl logs`). */
export interface LogOptions {
  container: string;
  follow: boolean;
  previous: boolean;
  timestamps: boolean;
  /** Lines from the end. */
  tailLines?: number;
  limitBytes?: number;
  /** Milliseconds since 1970; nothing older. */
  since?: number;
}

/** The command to run, and which of its streams are wanted (`kubectl exec`, `kubectl attach`). */
export interface ExecOptions {
  container: string;
  command: readonly string[];
  stdin: boolean;
  stdout: boolean;
  stderr: boolean;
  tty: boolean;
}

/** Reads the options of a log. Throws `Invalid` for values that make no sense. */
export function parseLogOptions(query: QueryParameters, now: number): LogOptions {
  const tailLines = count(query, 'tailLines', 0);
  const limitBytes = count(query, 'limitBytes', 1);
  const sinceSeconds = count(query, 'sinceSeconds', 1);
  const sinceTime = query.get('sinceTime');
  if (sinceSeconds !== undefined && sinceTime)
    throw broken('sinceSeconds', 'Forbidden: at most one of `sinceTime` or `sinceSeconds` may be specified');
  const since = sinceTime
    ? Date.parse(sinceTime)
    : sinceSeconds === undefined
      ? undefined
      : now - sinceSeconds * 1000;
  if (since !== undefined && Number.isNaN(since))
    throw broken('sinceTime', 'Invalid value: expected RFC 3339');
  return {
    container: query.get('container') ?? '',
    follow: isSet(query, 'follow'),
    previous: isSet(query, 'previous'),
    timestamps: isSet(query, 'timestamps'),
    ...(tailLines === undefined ? {} : { tailLines }),
    ...(limitBytes === undefined ? {} : { limitBytes }),
    ...(since === undefined ? {} : { since }),
  };
}

/** Reads the options of a shell. `attach` needs no command. Throws `BadRequest` for what cannot be run. */
export function parseExecOptions(query: QueryParameters, action: 'exec' | 'attach' = 'exec'): ExecOptions {
  const options = {
    container: query.get('container') ?? '',
    command: query.getAll('command'),
    stdin: isSet(query, 'stdin'),
    stdout: isSet(query, 'stdout'),
    stderr: isSet(query, 'stderr'),
    tty: isSet(query, 'tty'),
  };
  if (action === 'exec' && options.command.length === 0)
    throw new ApiError('BadRequest', 'you must specify at least one command for the container');
  if (!options.stdin && !options.stdout && !options.stderr)
    throw new ApiError('BadRequest', 'you must specify at least 1 of stdin, stdout, stderr');
  // With a terminal both outputs are one.
  return options.tty ? { ...options, stderr: false } : options;
}

function count(query: QueryParameters, name: string, least: number): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  const value = /^-?\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least) return value;
  throw broken(
    name,
    `Invalid value: ${JSON.stringify(text.slice(0, 50))}: must be a whole number from ${least} on`,
  );
}

function broken(field: string, message: string): ApiError {
  return invalid(`PodLogOptions is invalid: ${field}: ${message}`, [
    { reason: 'FieldValueInvalid', field, message },
  ]);
}
