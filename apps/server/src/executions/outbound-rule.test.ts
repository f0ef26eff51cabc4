import { describe, expect, test } from 'vitest';
import { isUnrestricted } from './outbound-rule.ts';

const admin = { role: 'admin', namespace: 'default' } as const;
const user = { role: 'user', namespace: 'alice' } as const;

describe('isUnrestricted', () => {
  test.each([
    ['public objects, anybody', user, ['public', 'public'], true],
    ["an administrator's own objects", admin, ['default', 'public'], true],
    ["a user's own model", user, ['alice', 'public'], false],
    ["a user's Ghost that an administrator runs", admin, ['alice', 'public'], false],
    ["a group's Ghost that an administrator runs", admin, ['team-a'], false],
    ["an administrator's namespace, run by a user", user, ['default'], false],
    ['nobody', undefined, ['alice'], false],
    ['nothing that names addresses', user, [], true],
  ] as const)('%s', (_name, owner, namespaces, expected) => {
    expect(isUnrestricted(owner, namespaces)).toBe(expected);
  });
});
