import type { GitHostType } from '@wegent/api';
import type { GitHostRow, Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import { type GitAddress, repositoryPath } from './git-address.ts';
import { httpHostOf, parseDomain, sshHostOf } from './git-domain.ts';
import type { GitHostApi } from './git-host-api.ts';
import type { HostReach } from './host-reach.ts';
import { openCredential } from './host-secrets.ts';
import { openHostApi } from './open-host-api.ts';

/** Somebody whose hosts are used. */
export type HostOwner = Pick<Principal, 'userId' | 'role' | 'namespace'>;

/** A repository at a host with an API. */
export interface HostedRepository {
  domain: string;
  type: GitHostType;
  /** `owner/name`. */
  path: string;
  api: GitHostApi;
}

/** Ways to the APIs of people's hosts, see `createHostAccess`. */
export type HostAccess = ReturnType<typeof createHostAccess>;

/** Opens the APIs of the hosts that a person has saved. */
export function createHostAccess({
  store,
  secrets,
  reach,
}: {
  store: Pick<Store, 'gitHosts'>;
  secrets: Pick<SecretBox, 'sealText' | 'openText'>;
  reach: HostReach;
}) {
  /** `undefined` for hosts without an API or without a token. */
  function apiOf(owner: HostOwner, row: GitHostRow, signal?: AbortSignal): GitHostApi | undefined {
    const { domain, type } = row;
    if (type === 'git') return undefined;
    const token = openCredential(secrets, row, 'token');
    if (token === undefined) return undefined;
    const scheme = row.scheme === 'http' ? 'http' : 'https';
    return openHostApi(type, { domain, scheme, token, fetch: reach.fetchOf(owner), signal });
  }

  return {
    apiOf,

    /** The repository of an address at the person's own host; `undefined` where they have none that has an API. */
    async repositoryOf(owner: HostOwner, address: GitAddress): Promise<HostedRepository | undefined> {
      if (address.transport === 'folder') return undefined;
      const path = repositoryPath(address.path);
      if (path === undefined) return undefined;
      const rows = (await store.gitHosts.list(owner.userId)).filter(
        ({ type, token }) => type !== 'git' && token !== null,
      );
      const row = httpHostOf(rows, address) ?? sshHostOf(rows, address);
      const api = row && apiOf(owner, row);
      return api && { domain: row.domain, type: row.type, path, api };
    },

    /** What speaks at the host of an address: as it was saved, or as everybody knows. */
    async typeOf(owner: HostOwner, address: GitAddress): Promise<GitHostType> {
      if (address.transport === 'folder') return 'git';
      const rows = await store.gitHosts.list(owner.userId);
      const row = httpHostOf(rows, address) ?? sshHostOf(rows, address);
      if (row) return row.type;
      const isUsual = address.transport === 'ssh' || (address.scheme === 'https' && address.port === 443);
      return (isUsual && WELL_KNOWN[address.hostname]) || 'git';
    },

    /** Name and port of the host, for people. */
    nameOf: (address: GitAddress): string =>
      address.transport === 'folder'
        ? 'the folder'
        : address.transport === 'http'
          ? new URL(address.url).host
          : parseDomain(address.hostname).hostname,
  };
}

const WELL_KNOWN: Record<string, GitHostType | undefined> = {
  'github.com': 'github',
  'gitlab.com': 'gitlab',
  'gitee.com': 'gitee',
  'gitea.com': 'gitea',
  'codeberg.org': 'gitea',
};
