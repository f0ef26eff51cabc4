import { describe, expect, it } from 'vitest';
import {
  deletedStatus,
  invalidDocument,
  notFound,
  objectConflict,
  objectExists,
  unknownResource,
  verbNotAllowed,
} from './resource-errors.ts';

const things = { group: 'example.org', plural: 'things', kind: 'Thing' };
const bags = { group: '', plural: 'bags', kind: 'Bag' };
const missing = { reason: 'FieldValueRequired', field: 'spec.a', message: 'Required value' };

describe('errors about objects', () => {
  it.each([
    [notFound(things, 'x'), 404, 'things.example.org "x" not found'],
    [notFound(bags, 'x'), 404, 'bags "x" not found'],
    [unknownResource(), 404, 'the server could not find the requested resource'],
    [objectExists(things, 'x'), 409, 'things.example.org "x" already exists'],
    [objectConflict(bags, 'x', 'it is held'), 409, 'Operation cannot be fulfilled on bags "x": it is held'],
    [
      verbNotAllowed(things, 'patch'),
      405,
      'patch is not supported on resources of kind "things.example.org"',
    ],
    [
      invalidDocument(things, 'x', [missing]),
      422,
      'Thing.example.org "x" is invalid: spec.a: Required value',
    ],
    [
      invalidDocument(bags, 'x', [missing, missing]),
      422,
      'Bag "x" is invalid: [spec.a: Required value, spec.a: Required value]',
    ],
  ])('are worded as Kubernetes does: %s', (error, code, message) => {
    expect(error.toStatus()).toMatchObject({ kind: 'Status', status: 'Failure', code, message });
  });

  it('say what they are about', () => {
    expect(notFound(things, 'x').details).toEqual({ name: 'x', group: 'example.org', kind: 'things' });
    expect(invalidDocument(bags, 'x', [missing]).details).toEqual({
      name: 'x',
      kind: 'Bag',
      causes: [missing],
    });
    expect(deletedStatus(things, { name: 'x', uid: 'u' })).toMatchObject({
      status: 'Success',
      details: { name: 'x', group: 'example.org', kind: 'things', uid: 'u' },
    });
  });
});
