import { z } from 'zod';

/** Why a request failed: the closed list of Kubernetes `Status` reasons that this platform uses. */
export const StatusReason = z.enum([
  'BadRequest',
  'Unauthorized',
  'Forbidden',
  'NotFound',
  'MethodNotAllowed',
  'NotAcceptable',
  'AlreadyExists',
  'Conflict',
  'Expired',
  'RequestEntityTooLarge',
  'UnsupportedMediaType',
  'Invalid',
  'TooManyRequests',
  'InternalError',
  'ServiceUnavailable',
  'Timeout',
]);
export type StatusReason = z.infer<typeof StatusReason>;

/** The one table from reason to HTTP status code. */
export const HTTP_CODE_OF_REASON: Record<StatusReason, number> = {
  BadRequest: 400,
  Unauthorized: 401,
  Forbidden: 403,
  NotFound: 404,
  MethodNotAllowed: 405,
  NotAcceptable: 406,
  AlreadyExists: 409,
  Conflict: 409,
  Expired: 410,
  RequestEntityTooLarge: 413,
  UnsupportedMediaType: 415,
  Invalid: 422,
  TooManyRequests: 429,
  InternalError: 500,
  ServiceUnavailable: 503,
  Timeout: 504,
};

/** One thing that is wrong with the input; kubectl prints these as a bullet list. */
export const StatusCause = z.object({
  reason: z.string().describe('FieldValueRequired, FieldValueInvalid, FieldValueNotSupported, …'),
  field: z.string().optional().describe('Path of the field, such as spec.members[0].botRef.name'),
  message: z.string(),
});
export type StatusCause = z.infer<typeof StatusCause>;

/** What the failure is about. */
export const StatusDetails = z.object({
  name: z.string().optional(),
  group: z.string().optional(),
  kind: z.string().optional(),
  uid: z.string().optional(),
  causes: z.array(StatusCause).optional(),
  retryAfterSeconds: z.number().int().optional(),
});
export type StatusDetails = z.infer<typeof StatusDetails>;

/** A Kubernetes `Status` object: the wire form of every failure on every transport. */
export const Status = z.object({
  kind: z.literal('Status'),
  apiVersion: z.literal('v1'),
  metadata: z.object({}).loose().optional(),
  status: z.enum(['Success', 'Failure']),
  reason: z.string().optional(),
  message: z.string().optional(),
  code: z.number().int().optional(),
  details: StatusDetails.optional(),
});
export type Status = z.infer<typeof Status>;

/**
 * The only error that services throw on purpose. `message` says what was wanted and what exists;
 * it is shown to the caller, so it holds no secret.
 */
export class ApiError extends Error {
  readonly reason: StatusReason;
  readonly details: StatusDetails | undefined;

  constructor(
    reason: StatusReason,
    message: string,
    options: { details?: StatusDetails; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ApiError';
    this.reason = reason;
    this.details = options.details;
  }

  /** The HTTP status code that belongs to the reason. */
  get code(): number {
    return HTTP_CODE_OF_REASON[this.reason];
  }

  /** The wire form. */
  toStatus(): Status {
    return {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      reason: this.reason,
      message: this.message,
      code: this.code,
      ...(this.details ? { details: this.details } : {}),
    };
  }

  /** Rebuilds the error from the wire form; an unknown reason becomes `InternalError`. */
  static fromStatus(status: Status): ApiError {
    const reason = StatusReason.safeParse(status.reason);
    return new ApiError(reason.success ? reason.data : 'InternalError', status.message ?? 'request failed', {
      ...(status.details ? { details: status.details } : {}),
    });
  }
}

/** The error for input that breaks a schema: 422 with one cause for each finding. */
export function invalid(
  message: string,
  causes: StatusCause[],
  details: Omit<StatusDetails, 'causes'> = {},
): ApiError {
  return new ApiError('Invalid', message, { details: { ...details, causes } });
}

/** Causes that one answer names; input that has more is wrong as a whole. */
const MAX_CAUSES = 100;

/** Turns zod issues into causes, the first hundred. `prefix` is put before each path (`spec`, for example). */
export function causesOf(error: z.ZodError, prefix = ''): StatusCause[] {
  return error.issues
    .slice(0, MAX_CAUSES)
    .flatMap((issue) => issueCauses(issue, prefix))
    .slice(0, MAX_CAUSES);
}

function issueCauses(issue: z.core.$ZodIssue, prefix: string): StatusCause[] {
  const field = fieldPath(prefix, issue.path);
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.slice(0, MAX_CAUSES).map((key) => ({
      reason: 'FieldValueForbidden',
      field: fieldPath(prefix, [...issue.path, key]),
      message: `unknown field "${fieldPath(prefix, [...issue.path, key])}"`,
    }));
  }
  if (
    issue.code === 'invalid_type' &&
    issue.input === undefined &&
    issue.message.includes('received undefined')
  ) {
    return [{ reason: 'FieldValueRequired', field, message: 'Required value' }];
  }
  if (issue.code === 'invalid_value') {
    const wanted = issue.values.map((value) => JSON.stringify(value)).join(', ');
    return [
      { reason: 'FieldValueNotSupported', field, message: `Unsupported value: supported values: ${wanted}` },
    ];
  }
  const reason = issue.code === 'invalid_type' ? 'FieldValueTypeInvalid' : 'FieldValueInvalid';
  return [{ reason, field, message: `Invalid value: ${issue.message}` }];
}

/** Writes a path the Kubernetes way: `spec.members[0].name`. */
export function fieldPath(prefix: string, path: readonly PropertyKey[]): string {
  return path.reduce<string>((text, part) => {
    if (typeof part === 'number') return `${text}[${part}]`;
    return text === '' ? String(part) : `${text}.${String(part)}`;
  }, prefix);
}

/**
 * Parses input with a schema or throws `Invalid` with a cause per finding.
 * `what` names the input in the message ("chat:send payload", "request body").
 */
export function parseOrThrow<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
  what: string,
): z.infer<Schema> {
  const result = schema.safeParse(input);
  if (result.success) return result.data;
  const causes = causesOf(result.error);
  const first = causes[0];
  const summary = first ? `${first.field ? `${first.field}: ` : ''}${first.message}` : 'wrong shape';
  throw invalid(
    `${what} is invalid: ${summary}${causes.length > 1 ? ` (and ${causes.length - 1} more)` : ''}`,
    causes,
  );
}
