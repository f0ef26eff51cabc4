import { kindByName, type ResourceObject } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { tableHead, tableRow } from './object-table.ts';
import { printable } from './printable.ts';
import { formatAge, formatTable } from './table.ts';

test('columns are as wide as their widest cell', () => {
  expect(
    formatTable([
      ['NAME', 'AGE'],
      ['a-long-name', '1s'],
      ['b', ''],
    ]),
  ).toBe('NAME          AGE\na-long-name   1s\nb\n');
});

test('wide characters take two places, marks none', () => {
  expect(
    formatTable([
      ['名称', 'AGE'],
      ['e\u0301tude', '1s'],
      ['审阅🙂', '2s'],
    ]),
  ).toBe('名称     AGE\ne\u0301tude    1s\n审阅🙂   2s\n');
});

test.each([
  [45, '45s'],
  [119, '119s'],
  [200, '3m20s'],
  [240, '4m'],
  [3600, '60m'],
  [4 * 3600, '4h'],
  [12 * 86400, '12d'],
])('an age of %i seconds is %s', (seconds, text) => {
  const now = Date.parse('2026-01-01T00:00:00Z');
  expect(formatAge(new Date(now - seconds * 1000).toISOString(), now)).toBe(text);
});

describe('rows', () => {
  const team = kindByName('Team');
  if (!team) throw new Error('there is no Team');
  const object: ResourceObject = {
    apiVersion: 'agent.wecode.io/v1',
    kind: 'Team',
    metadata: { name: 'a', namespace: 'ada', creationTimestamp: new Date().toISOString() },
    spec: { collaborationModel: 'pipeline', members: [{}, {}], description: 'good' },
  };

  test('are those of the kind', () => {
    const look = { wide: true, namespaces: true };
    expect(tableHead(team, look)).toEqual(['NAMESPACE', 'NAME', 'MODE', 'MEMBERS', 'DESCRIPTION', 'AGE']);
    expect(tableRow(team, object, look).slice(0, 5)).toEqual(['ada', 'a', 'pipeline', '2', 'good']);
  });

  test('cannot write over the screen', () => {
    expect(printable('\u001b[2Jx\r\ny\u202e')).toBe('[2Jx y');
  });
});
