import { createHash } from 'node:crypto';
import {
  ApiError,
  type GitBranchList,
  type GitCredential,
  GitRepository,
  type GitRepositoryList,
} from '@wegent/api';
import type { Bus } from '@wegent/bus';
import type { GitHostRow, Store } from '@wegent/store';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Principal } from '../auth/principal.ts';
import { parseGitAddress } from './git-address.ts';
import { canonicalDomain } from './git-domain.ts';
import type { HostAccess } from './host-access.ts';
import type { HostReach } from './host-reach.ts';
import { listRemoteBranches } from './smart-http.ts';

/** One host that is slow does not hold up the others for longer. */
const HOST_MS = 12_000;
const CACHE_MS = 60_000;
const MAX_PER_HOST = 500;
const Cached = z.array(GitRepository);

/** Lists what the hosts of a person have. */
export function createRepositoryList({
  store,
  bus,
  hosts,
  reach,
  credentials,
  checkUrl,
  logger,
}: {
  store: Pick<Store, 'gitHosts'>;
  bus: Pick<Bus, 'get' | 'set'>;
  hosts: HostAccess;
  reach: HostReach;
  credentials: { forUrl(userId: string, gitUrl: string): Promise<GitCredential | undefined> };
  /** Refuses addresses that may not be used. */
  checkUrl: (url: string, field: string) => Promise<string>;
  logger: Pick<Logger, 'warn'>;
}) {
  async function searchHost(principal: Principal, row: GitHostRow, search: string): Promise<GitRepository[]> {
    // The time of the host is part of the key, so that one that was saved anew begins anew.
    const words = createHash('sha256').update(search).digest('hex').slice(0, 32);
    const key = `git-repositories:${principal.userId}:${row.domain}:${row.createdAt}:${words}`;
    const known = Cached.safeParse(await bus.get(key).catch(() => undefined));
    if (known.success) return known.data;
    const api = hosts.apiOf(principal, row, AbortSignal.timeout(HOST_MS));
    const found = (await api?.searchRepositories(search)) ?? [];
    const items = found.slice(0, MAX_PER_HOST);
    await bus.set(key, items, CACHE_MS).catch(() => undefined);
    return items;
  }

  /** What a person reads of a failure; what is no failure of the host stands in the log. */
  function problemOf(domain: string, error: unknown): { domain: string; message: string } {
    if (error instanceof ApiError && error.reason !== 'InternalError')
      return { domain, message: error.message };
    logger.warn({ err: error, domain }, 'a git host could not be searched');
    return { domain, message: `${domain} could not be searched` };
  }

  return {
    /** Repositories of all hosts of the person, or of one; a host that fails is told beside the others. */
    async repositories(
      principal: Principal,
      { search, domain }: { search: string; domain?: string | undefined },
    ): Promise<GitRepositoryList> {
      const all = await store.gitHosts.list(principal.userId);
      const wanted = domain === undefined ? undefined : canonicalDomain(domain);
      const rows = domain === undefined ? all : all.filter((row) => row.domain === wanted);
      if (domain !== undefined && rows.length === 0)
        throw new ApiError('NotFound', `you have no git host "${domain}"`);
      const searchable = rows.filter(({ type, token }) => type !== 'git' && token !== null);
      const results = await Promise.all(
        searchable.map(async (row) => {
          try {
            return { items: await searchHost(principal, row, search.trim()), problems: [] };
          } catch (error) {
            return { items: [], problems: [problemOf(row.domain, error)] };
          }
        }),
      );
      return {
        items: results.flatMap(({ items }) => items),
        problems: results.flatMap(({ problems }) => problems),
      };
    },

    /** Branches of a repository, the default one first. */
    async branches(principal: Principal, gitUrl: string): Promise<GitBranchList> {
      const url = await checkUrl(gitUrl, 'repo');
      const address = parseGitAddress(url, 'repo');
      const hosted = await hosts.repositoryOf(principal, address);
      if (hosted) {
        const branches = await hosted.api.branches(hosted.path);
        return { items: branches.sort((a, b) => Number(b.isDefault) - Number(a.isDefault)) };
      }
      if (address.transport !== 'http') {
        const what = address.transport === 'ssh' ? 'over SSH' : 'in folders of the server';
        return {
          items: [],
          hint: `Branches of repositories ${what} are not listed; type the name of the branch.`,
        };
      }
      const credential = await credentials.forUrl(principal.userId, url);
      return { items: await listRemoteBranches({ url, credential, fetch: reach.fetchOf(principal) }) };
    },
  };
}
