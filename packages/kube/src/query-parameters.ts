import { ApiError, invalid } from '@wegent/api';

/** Where query parameters are looked up; `URLSearchParams` is one. */
export interface QueryParameters {
  get(name: string): string | null;
  getAll(name: string): string[];
}

/** Is a boolean parameter set? Any value but `false` and `0` counts, as in Kubernetes; clients send `True`. */
export function isSet(query: QueryParameters, name: string): boolean {
  const value = query.get(name);
  return value !== null && value !== 'false' && value !== '0';
}

/** Do the values of `dryRun` ask for one? Throws `Invalid` for others than `All`. */
export function isDryRun(values: readonly string[]): boolean {
  const given = values.filter((value) => value !== '');
  const wrong = given.find((value) => value !== 'All');
  if (wrong !== undefined)
    throw brokenRule(
      'dryRun',
      `Unsupported value: ${JSON.stringify(wrong.slice(0, 50))}: supported values: "All"`,
    );
  return given.length > 0;
}

/** A parameter that is a whole number. Throws `BadRequest` for others. */
export function wholeNumber(query: QueryParameters, name: string): number | undefined {
  const text = query.get(name);
  if (text === null || text === '') return undefined;
  if (!/^\d{1,15}$/.test(text))
    throw new ApiError(
      'BadRequest',
      `${name} ${JSON.stringify(text.slice(0, 50))} is not a whole number from 0 on`,
    );
  return Number(text);
}

/** A field that stands in the result only when it has a value. */
export function given<Key extends string, Value>(
  key: Key,
  value: Value | undefined,
): { [key in Key]?: Value } {
  return value === undefined ? {} : ({ [key]: value } as { [key in Key]?: Value });
}

/** The error for a parameter that breaks a rule. */
export function brokenRule(field: string, why: string, reason = 'FieldValueInvalid'): ApiError {
  return invalid(`the request is invalid: ${field}: ${why}`, [{ reason, field, message: why }]);
}
