import { describe, expect, test } from 'vitest';
import { roleAllows, type Verb, verbsOf } from './roles.ts';

// Role by verb, as the table of the resource model has it.
const TABLE: Record<Verb, [Reporter: boolean, Developer: boolean, Maintainer: boolean, Owner: boolean]> = {
  get: [true, true, true, true],
  list: [true, true, true, true],
  watch: [true, true, true, true],
  run: [true, true, true, true],
  create: [false, true, true, true],
  update: [false, true, true, true],
  patch: [false, true, true, true],
  exec: [false, true, true, true],
  delete: [false, false, true, true],
  members: [false, false, true, true],
  share: [false, false, true, true],
  transfer: [false, false, false, true],
  'delete-namespace': [false, false, false, true],
};

describe('roles', () => {
  test.each(Object.entries(TABLE))('%s', (verb, [reporter, developer, maintainer, owner]) => {
    const allows = (role: 'Reporter' | 'Developer' | 'Maintainer' | 'Owner') =>
      verbsOf(role).some((allowed) => allowed === verb);
    expect([allows('Reporter'), allows('Developer'), allows('Maintainer'), allows('Owner')]).toEqual([
      reporter,
      developer,
      maintainer,
      owner,
    ]);
  });

  test('who has no role may do nothing', () => {
    for (const verb of verbsOf('Owner')) expect(roleAllows(undefined, verb)).toBe(false);
  });
});
