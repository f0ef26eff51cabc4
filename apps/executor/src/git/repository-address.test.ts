import { describe, expect, test } from 'vitest';
import {
  isSameRepository,
  parseRepositoryAddress,
  siblingAddress,
  spellingsOf,
} from './repository-address.ts';

describe('parseRepositoryAddress', () => {
  test.each([
    ['https://git.example.org/owner/app.git', 'http', 'git.example.org', 'owner/app', 'app'],
    ['https://u:p@git.example.org:8443/a/b/app/', 'http', 'git.example.org:8443', 'a/b/app', 'app'],
    ['ssh://git@git.example.org:2222/owner/app.git', 'ssh', 'git.example.org', 'owner/app', 'app'],
    ['git@git.example.org:owner/app.git', 'ssh', 'git.example.org', 'owner/app', 'app'],
    ['git.example.org:app', 'ssh', 'git.example.org', 'app', 'app'],
    ['file:///srv/repos/app.git', 'local', 'wegent-local', 'srv/repos/app', 'app'],
    [
      'https://git.example.org/owner/..%2f..%2fetc',
      'http',
      'git.example.org',
      'owner/..%2f..%2fetc',
      '-..-etc',
    ],
  ])('reads %s', (text, transport, host, path, name) => {
    expect(parseRepositoryAddress(text)).toMatchObject({ transport, host, path, name });
  });

  test('keeps no credential', () => {
    expect(parseRepositoryAddress('https://u:p@git.example.org/a')?.url).toBe('https://git.example.org/a');
  });

  test.each([
    '',
    '/srv/app',
    '../app',
    'ext::sh',
    '-x',
    'ssh://-x/y',
    'ftp://h/x',
    'https://h/',
    'https://h/a?b',
    'git@-h:x',
    'https://h/a\nb',
    'file://host/x',
  ])('refuses %j', (text) => {
    expect(parseRepositoryAddress(text)).toBeUndefined();
  });
});

test('the same repository is known by any spelling', () => {
  const one = parseRepositoryAddress('ssh://git@h.example:22/o/app.git');
  const other = parseRepositoryAddress('git@h.example:o/app');
  expect(one && other && isSameRepository(one, other)).toBe(true);
  expect(spellingsOf('https://h/o/app.git/')).toEqual(['https://h/o/app.git', 'https://h/o/app']);
});

test.each([
  ['/git/info/refs?service=x', undefined],
  ['/git?x', undefined],
  ['/git-ssh?command=git-upload-pack', undefined],
  ['/git-lfs-object/abc', undefined],
  ['/git.git/info/lfs/objects/batch', undefined],
  ['/model/v1', undefined],
  ['/git-docs.git/info/refs?service=x', 'https://h/o/app-docs.git/info/refs?service=x'],
  ['/git2/info/refs', 'https://h/o/app2/info/refs'],
])('%s belongs to %s', (path, expected) => {
  expect(siblingAddress('https://h/o/app.git', path)).toBe(expected);
});
