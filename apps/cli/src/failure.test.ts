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
