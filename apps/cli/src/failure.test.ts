import { ApiError } from '@wegent/api';
import { expect, test } from 'vitest';
import { CommandError, EXIT, explainFailure } from './failure.ts';

test('a refusal has one line for each field that is wrong', () => {
  const error = new ApiError('Invalid', 'Bot "b" is invalid: [spec.a: missing, spec.b: unknown]', {
    details: {
      causes: [
        { reason: 'FieldValueRequired', field: 'spec.a', message: 'missing' },
        { reason: 'FieldValueForbidden', field: 'spec.b', message: 'unknown' },
      ],
    },
  });
  expect(explainFailure(error)).toEqual({
    message: 'Bot "b" is invalid (Invalid)\n  spec.a: missing\n  spec.b: unknown',
    exitCode: EXIT.failed,
  });
});

test.each([
  new ApiError('NotFound', 'no \u001b[2J\rteam'),
  new CommandError('no \u001b[2J\rteam', EXIT.usage),
  new Error('no \u001b[2J\rteam'),
])('control sequences that others wrote are not printed', (error) => {
  expect(explainFailure(error).message).toMatch(/^no \[2Jteam/);
});

test('a server that is not reached is refused with the reason below what fetch says', () => {
  const of = (cause: unknown) =>
    explainFailure(
      new ApiError('ServiceUnavailable', 'away', { cause: new TypeError('fetch failed', { cause }) }),
    ).message;
  expect(of(Object.assign(new Error('connect ECONNREFUSED ::1:9'), { code: 'ECONNREFUSED' }))).toBe(
    'the server cannot be reached: connect ECONNREFUSED ::1:9',
  );
  expect(of(new AggregateError([new Error('connect ECONNREFUSED ::1:9')]))).toContain('ECONNREFUSED ::1:9');
  expect(of(Object.assign(new Error('unable'), { code: 'SELF_SIGNED_CERT_IN_CHAIN' }))).toMatch(
    /authority that is unknown.*wegent login.*NODE_EXTRA_CA_CERTS/,
  );
});

test('a refusal is not said twice', () => {
  const error = new ApiError('Unauthorized', 'the token is not valid', {
    details: { causes: [{ reason: 'Unauthorized', message: 'the token is not valid' }] },
  });
  expect(explainFailure(error).message).toBe('the token is not valid (Unauthorized)');
});
