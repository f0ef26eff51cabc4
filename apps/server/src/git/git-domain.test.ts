import type { GitHostType } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { parseGitAddress, repositoryPath } from './git-address.ts';
import { canonicalDomain, httpHostOf, sshHostOf } from './git-domain.ts';

const host = (domain: string, type: GitHostType = 'git', scheme: string | null = null) => ({
  domain,
  type,
  scheme,
});

describe('canonicalDomain', () => {
  test.each([
    ['github.com', 'github.com'],
    ['GitHub.com', 'github.com'],
    ['github.com:443', 'github.com'],
    ['Git.Example.org:8443', 'git.example.org:8443'],
    ['127.0.0.1:3001', '127.0.0.1:3001'],
    ['localhost', 'localhost'],
    // Other ways to write 127.0.0.1, and what is no host.
    ['2130706433', undefined],
    ['0x7f.1', undefined],
    ['127.1', undefined],
    ['github.com.', undefined],
    ['github.com.:8443', undefined],
    ['github.com:99999', undefined],
    ['a..b', 'a..b'],
    ['', undefined],
  ])('%j', (text, wanted) => {
    expect(canonicalDomain(text)).toBe(wanted);
  });
});

describe('over HTTP', () => {
  const rows = [
    host('github.com', 'github', 'https'),
    host('git.example.org:8443', 'gitea', 'https'),
    host('plain.example.org', 'git'),
    host('10.0.0.5:3000', 'git'),
    host('intranet', 'gitlab', 'http'),
  ];
  test.each([
    ['https://github.com/a/b', 'github.com'],
    ['https://GITHUB.com:443/a/b.git', 'github.com'],
    ['https://git.example.org:8443/a/b', 'git.example.org:8443'],
    ['http://10.0.0.5:3000/a/b', '10.0.0.5:3000'],
    ['https://10.0.0.5:3000/a/b', '10.0.0.5:3000'],
    ['https://plain.example.org/a/b', 'plain.example.org'],
    ['http://intranet/a/b', 'intranet'],
    // Without encryption.
    ['http://github.com/a/b', undefined],
    ['http://plain.example.org/a/b', undefined],
    ['http://git.example.org:8443/a/b', undefined],
    // Other hosts, however alike.
    ['https://github.com.evil.org/a/b', undefined],
    ['https://evil.org/github.com/a', undefined],
    ['https://github.com./a/b', undefined],
    ['https://github.com:8443/a/b', undefined],
    ['https://git.example.org/a/b', undefined],
    ['https://api.github.com/a/b', undefined],
    ['https://gіthub.com/a/b', undefined],
    ['https://notgithub.com/a/b', undefined],
    ['ssh://git@github.com/a/b', undefined],
    ['/srv/github.com/a', undefined],
  ])('%s', (url, wanted) => {
    expect(httpHostOf(rows, parseGitAddress(url))?.domain).toBe(wanted);
  });
});

describe('over SSH', () => {
  const rows = [
    host('github.com', 'github', 'https'),
    host('git.example.org:2222'),
    host('gitea.example.org:3000', 'gitea', 'http'),
  ];
  test.each([
    ['git@github.com:a/b.git', 'github.com'],
    ['ssh://git@github.com:22/a/b.git', 'github.com'],
    ['ssh://git@GITHUB.com:443/a/b.git', 'github.com'],
    ['ssh://git@git.example.org:2222/a/b', 'git.example.org:2222'],
    ['ssh://git@gitea.example.org:2022/a/b', 'gitea.example.org:3000'],
    ['git@git.example.org:a/b', undefined],
    ['git@github.com.evil.org:a/b', undefined],
    ['https://github.com/a/b', undefined],
  ])('%s', (url, wanted) => {
    expect(sshHostOf(rows, parseGitAddress(url))?.domain).toBe(wanted);
  });
});

test.each([
  ['/octo/hello.git', 'octo/hello'],
  ['octo/hello', 'octo/hello'],
  ['/group/sub/project.git/', 'group/sub/project'],
  ['/a%20b/c', 'a b/c'],
  ['/hello', undefined],
  ['/octo/../../user', undefined],
  ['/octo/%2e%2e', undefined],
  ['/octo/a%2Fb', undefined],
  ['/octo//hello', undefined],
  ['/octo/%ff', undefined],
])('the path %s', (path, wanted) => {
  expect(repositoryPath(path)).toBe(wanted);
});
