import { describe, expect, it } from 'vitest';
import { domainOf, HOST_TYPES, tokenPage } from './host-types.ts';

describe('domainOf', () => {
  it.each([
    ['github.com', 'github.com'],
    [' Git.Example.org:8443 ', 'git.example.org:8443'],
    ['https://me:secret@git.example.org:8443/a/b.git', 'git.example.org:8443'],
    ['git@gitlab.com:a/b.git', 'gitlab.com'],
    ['ssh://git@host:22/a', 'host:22'],
    ['gitee.com/a/b', 'gitee.com'],
  ])('%s is %s', (text, domain) => {
    expect(domainOf(text)).toBe(domain);
  });
});

describe('tokenPage', () => {
  const gitea = HOST_TYPES.find(({ type }) => type === 'gitea');
  it('leads to the host, and nowhere while that is not known', () => {
    if (!gitea) throw new Error('no gitea');
    expect(tokenPage(gitea, 'git.example.org')).toBe('https://git.example.org/user/settings/applications');
    expect(tokenPage(gitea, '')).toBeUndefined();
    expect(tokenPage(gitea, 'evil.org/x@y')).toBeUndefined();
  });
});
