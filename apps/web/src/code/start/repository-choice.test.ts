import { describe, expect, it } from 'vitest';
import { isRepositoryAddress, nameOfAddress, withoutCredentials, withRecent } from './repository-choice.ts';

describe('isRepositoryAddress', () => {
  it.each([
    ['https://github.com/a/b.git', true],
    ['ssh://git@host:22/a/b', true],
    ['git@host:a/b.git', true],
    ['a/b', false],
    ['https://github.com', false],
    ['javascript:alert(1)', false],
    ['https://host/a b', false],
    ['/srv/repo', false],
  ])('%s: %s', (text, answer) => {
    expect(isRepositoryAddress(text, false)).toBe(answer);
  });
  it('takes folders of the server only where that is allowed', () => {
    expect(isRepositoryAddress('/srv/repo', true)).toBe(true);
    expect(isRepositoryAddress('file:///srv/repo', true)).toBe(true);
  });
});

it('keeps no password in an address', () => {
  expect(withoutCredentials(' https://me:secret@host/a.git ')).toBe('https://host/a.git');
  expect(withoutCredentials('ssh://git@host/a.git')).toBe('ssh://git@host/a.git');
});

it.each([
  ['https://github.com/a/b.git', 'a/b'],
  ['git@host:group/sub/b.git', 'sub/b'],
  ['http://127.0.0.1:8080/demo.git', 'demo'],
  ['/srv/git/repo', 'git/repo'],
])('%s is called %s', (address, name) => {
  expect(nameOfAddress(address)).toBe(name);
});

it('keeps the newest first and each once', () => {
  const a = { gitUrl: 'a', name: 'a' };
  const b = { gitUrl: 'b', name: 'b' };
  expect(withRecent([a, b], b)).toEqual([b, a]);
});
