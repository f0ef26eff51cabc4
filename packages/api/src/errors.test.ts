import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { ApiError, causesOf, parseOrThrow } from './errors.ts';

const Schema = z.strictObject({
  name: z.string().max(3),
  role: z.enum(['leader', 'member']),
  list: z.array(z.object({ n: z.number() })),
});

describe('errors', () => {
  test('each finding becomes a cause with its path', () => {
    const result = Schema.safeParse({ name: 'long', role: 'boss', list: [{ n: 'x' }, {}], extra: 1 });
    const causes = result.success ? [] : causesOf(result.error, 'spec');
    expect(causes.map((cause) => [cause.reason, cause.field])).toEqual([
      ['FieldValueInvalid', 'spec.name'],
      ['FieldValueNotSupported', 'spec.role'],
      ['FieldValueTypeInvalid', 'spec.list[0].n'],
      ['FieldValueRequired', 'spec.list[1].n'],
      ['FieldValueForbidden', 'spec.extra'],
    ]);
    expect(causes[1]?.message).toContain('"leader", "member"');
  });

  test('the wire form and back', () => {
    const error = new ApiError('NotFound', 'teams "x" not found', { details: { name: 'x' } });
    expect(error.toStatus()).toMatchObject({ kind: 'Status', reason: 'NotFound', code: 404 });
    expect(ApiError.fromStatus(error.toStatus())).toMatchObject({
      reason: 'NotFound',
      message: 'teams "x" not found',
    });
  });

  test('parseOrThrow names what was wrong', () => {
    expect(() => parseOrThrow(Schema, { name: 'ab', role: 'leader' }, 'payload')).toThrow(
      'payload is invalid: list: Required value',
    );
  });
});
