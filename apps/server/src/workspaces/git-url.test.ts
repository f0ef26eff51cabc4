import { describe, expect, test } from 'vitest';
import { checkBranchName, parseGitUrl } from './git-url.ts';

describe('parseGitUrl', () => {
  test.each([
    ['https://github.com/octo/hello.git', 'https://github.com/octo/hello.git', 'github.com'],
    ['http://127.0.0.1:8123/octo/hello', 'http://127.0.0.1:8123/octo/hello', '127.0.0.1:8123'],
    ['ssh://git@Git.Example.org:2222/octo/hello.git', undefined, 'git.example.org:2222'],
    ['git@github.com:octo/hello.git', 'git@github.com:octo/hello.git', 'github.com'],
    ['  https://github.com/a/b  ', 'https://github.com/a/b', 'github.com'],
  ])('%s', (given, url, host) => {
    const parsed = parseGitUrl(given);
    if (url !== undefined) expect(parsed.url).toBe(url);
    expect(parsed.host).toBe(host);
    expect(parsed.folder).toBeUndefined();
  });

  test.each([
    ['/srv/repositories/a', '/srv/repositories/a'],
    ['/srv/repositories/../../etc', '/etc'],
    ['file:///srv/a%20b', '/srv/a b'],
    ['file:///srv/x/../y', '/srv/y'],
  ])('the folder %s', (given, folder) => {
    expect(parseGitUrl(given)).toMatchObject({ folder });
  });

  test.each([
    ['', /empty/],
    ['https://anna:geheim@github.com/a/b.git', /Git hosts/],
    ['https://ghp_geheim@github.com/a/b.git', /Git hosts/],
    ['ssh://git:geheim@github.com/a/b.git', /Git hosts/],
    ['https://github.com/a/b.git?token=geheim', /query/],
    ['https://github.com/a/b.git#geheim', /query/],
    ['https://github.com/', /no repository/],
    ['ext::sh -c id', /space/],
    ['ext::sh', /no address/],
    ['-oProxyCommand=id', /no address/],
    ['--upload-pack=id', /no address/],
    ['ssh://-oProxyCommand=id/x', /host|address/],
    ['git@-oProxyCommand=id:x', /no address/],
    ['-x@host:y', /no address/],
    ['git@host:-y', /no address/],
    ['git://github.com/a/b', /no address/],
    ['ftp://github.com/a/b', /no address/],
    ['javascript:alert(1)', /no address/],
    ['C:\\repositories', /backslash/],
    ['https://github.com/a/b\n', undefined],
    ['https://github.com/a\nb', /control/],
    ['relative/folder', /no address/],
    ['file://otherhost/share', /folder of this machine/],
  ])('refuses %j', (given, message) => {
    if (message === undefined) {
      expect(parseGitUrl(given).url).toBe('https://github.com/a/b');
      return;
    }
    expect(() => parseGitUrl(given)).toThrow(message);
    try {
      parseGitUrl(given);
    } catch (error) {
      expect(JSON.stringify(error)).not.toContain('geheim');
      expect(String(error)).not.toContain('geheim');
    }
  });
});

describe('checkBranchName', () => {
  test.each(['main', 'feature/x-1', 'v1.0', '分支', 'a@b'])('takes %s', (name) => {
    expect(checkBranchName(name, 'branch')).toBe(name);
  });
  test.each([
    '',
    '@',
    '-x',
    '--upload-pack=id',
    'a..b',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[',
    'a\\b',
    'a\nb',
    'x.lock',
    'x.lock/y',
    '/x',
    'x/',
    'x//y',
    '.x',
    'x/.y',
    'x.',
    'a@{1}',
  ])('refuses %j', (name) => {
    expect(() => checkBranchName(name, 'branch')).toThrow(/branch/);
  });
});
