import { expect, test } from 'vitest';
import { gitRemoteOf } from './git-remote.ts';

const KEY = { type: 'ssh' as const, privateKey: 'k', knownHosts: 'h' };

test.each([
  ['ssh://git@example.org/team/a.git', { user: 'git', host: 'example.org', port: 22, path: '/team/a.git' }],
  ['ssh://example.org:2222/a.git', { user: 'git', host: 'example.org', port: 2222, path: '/a.git' }],
  ['ssh://ada@[::1]:22/~/a.git', { user: 'ada', host: '[::1]', port: 22, path: '~/a.git' }],
  ['git@example.org:team/a.git', { user: 'git', host: 'example.org', port: 22, path: 'team/a.git' }],
  ['example.org:a.git', { user: 'git', host: 'example.org', port: 22, path: 'a.git' }],
])('%s is reached over SSH', (url, expected) => {
  expect(gitRemoteOf({ url, credential: KEY })).toEqual({
    kind: 'ssh',
    key: 'k',
    knownHosts: 'h',
    ...expected,
  });
});

test.each([
  'ssh://-oProxyCommand=id/a.git',
  'ssh://-oProxyCommand=id@example.org/a.git',
  '-oProxyCommand=id:a.git',
  'git@-oProxyCommand=id:a',
  "ssh://git@example.org/a.git';id;'",
  'ssh://git@example.org/--upload-pack=id'.replace('/--', '/ --'),
  'ssh://git@example.org/a\nb',
  'ssh://git@example.org/$(id)',
  'ssh://git@example.org:0/a.git',
  'ssh://git@example.org:99999/a.git',
  'ssh://git@example.org',
  'git@example.org:-a',
  'ftp://example.org/a.git',
  'ext::sh -c id',
  '/etc/passwd',
  'file://host/a',
  'http://',
  '',
])('%s is not usable', (url) => {
  expect(gitRemoteOf({ url })).toMatchObject({
    kind: 'unusable',
    problem: expect.stringContaining('address'),
  });
});

test('credentials of HTTP come from the task, else from the address, and are not in the URL', () => {
  const basic = (text: string) => `Basic ${Buffer.from(text).toString('base64')}`;
  const url = 'https://bo:p%40ss@example.org/a.git/?x=1#y';
  const credential = { type: 'basic' as const, username: 'ada', password: 'secret' };
  const place = { kind: 'http', url: new URL('https://example.org/a.git') };
  expect(gitRemoteOf({ url, credential })).toEqual({ ...place, authorization: basic('ada:secret') });
  expect(gitRemoteOf({ url })).toEqual({ ...place, authorization: basic('bo:p@ss') });
  expect(gitRemoteOf({ url: 'https://example.org/a.git' })).toEqual({ ...place, authorization: undefined });
  expect(gitRemoteOf({ url: 'file:///srv/a%20b.git' })).toEqual({ kind: 'local', path: '/srv/a b.git' });
});
