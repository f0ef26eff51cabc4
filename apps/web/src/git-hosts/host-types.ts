import type { GitHostType } from '@wegent/api';

/** What a person needs to know to connect a host of a type. */
export interface HostType {
  type: GitHostType;
  /** The host that most people mean; empty where everybody has their own. */
  domain: string;
  /** Page of the host on which tokens are made. */
  tokenPath: string | undefined;
  /** What the token must be allowed to do, as the host words it. */
  scopes: string;
}

/** Types in the order of the choice. */
export const HOST_TYPES: readonly HostType[] = [
  {
    type: 'github',
    domain: 'github.com',
    tokenPath: '/settings/tokens/new?scopes=repo&description=Wegent',
    scopes: 'repo',
  },
  {
    type: 'gitlab',
    domain: 'gitlab.com',
    tokenPath: '/-/user_settings/personal_access_tokens?name=Wegent&scopes=api,write_repository',
    scopes: 'api, write_repository',
  },
  {
    type: 'gitea',
    domain: '',
    tokenPath: '/user/settings/applications',
    scopes: 'read:user, write:repository, write:issue',
  },
  {
    type: 'gitee',
    domain: 'gitee.com',
    tokenPath: '/profile/personal_access_tokens/new',
    scopes: 'user_info, projects, pull_requests',
  },
  { type: 'git', domain: '', tokenPath: undefined, scopes: '' },
];

/** Where a token for a host is made; undefined until the host is known. */
export function tokenPage({ tokenPath }: HostType, domain: string): string | undefined {
  const host = domain.trim();
  return tokenPath === undefined || !/^[a-zA-Z0-9.-]+(:\d{1,5})?$/.test(host)
    ? undefined
    : `https://${host}${tokenPath}`;
}

/** The host that somebody means who writes or pastes an address. */
export function domainOf(text: string): string {
  const trimmed = text.trim();
  const ssh = /^[^/@\s]+@([^:/\s]+):/.exec(trimmed);
  if (ssh?.[1] !== undefined) return ssh[1].toLowerCase();
  const [, host = trimmed] = /^[a-z+]+:\/\/(?:[^/@\s]*@)?([^/\s]+)/i.exec(trimmed) ?? [];
  return (host.split('/')[0] ?? '').toLowerCase();
}
