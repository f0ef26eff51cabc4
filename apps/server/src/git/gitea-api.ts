import type { GitRepository } from '@wegent/api';
import { z } from 'zod';
import { commitStatusState, countChecks } from './check-counts.ts';
import { draftTitle, isDraftTitle } from './draft-title.ts';
import type { GitHostApi, HostConnection, HostPullRequest } from './git-host-api.ts';
import { createHostClient } from './host-client.ts';
import { encodePath, given, OptionalText, openOrNewest, WebUrl } from './host-fields.ts';

/** The largest page that Gitea gives unless it is told otherwise. */
const PAGE = { sizeParameter: 'limit', size: 50 };
const REPOSITORY_PAGES = 6;
const BRANCH_PAGES = 20;
/** Pull requests cannot be asked for by branch; so many pages of open and of closed ones are looked through. */
const PULL_PAGES = { open: 10, closed: 3 };
const DRAFT = 'WIP: ';

const User = z.object({ login: z.string() });
const Repository = z.object({
  full_name: z.string(),
  default_branch: OptionalText,
  private: z.boolean().optional(),
  description: OptionalText,
});
const Branch = z.object({ name: z.string(), commit: z.object({ id: z.string() }).nullish() });
const Pull = z.object({
  number: z.number().int(),
  html_url: WebUrl,
  title: z.string(),
  body: OptionalText,
  state: z.string(),
  merged: z.boolean().optional(),
  draft: z.boolean().optional(),
  head: z.object({ ref: z.string(), sha: OptionalText, repo_id: z.number().int().optional() }),
  base: z.object({ ref: z.string(), repo_id: z.number().int().optional() }),
});
const CombinedStatus = z.object({ statuses: z.array(z.object({ status: z.string() })).nullish() });

/** Gitea and Forgejo. */
export function createGiteaApi(connection: HostConnection): GitHostApi {
  const { domain, scheme, token } = connection;
  const client = createHostClient({
    connection,
    base: `${scheme}://${domain}/api/v1`,
    name: 'Gitea',
    headers: { accept: 'application/json', authorization: `token ${token}` },
    scopes: { read: 'read:user and read:repository', write: 'write:repository' },
  });
  const at = (repository: string) => `/repos/${encodePath(repository)}`;
  const about = (repository: string) => `repository "${repository}"`;

  const toRepository = (found: z.infer<typeof Repository>): GitRepository => ({
    gitUrl: `${scheme}://${domain}/${found.full_name}.git`,
    gitRepo: found.full_name,
    gitDomain: domain,
    type: 'gitea',
    ...given({
      defaultBranch: found.default_branch,
      private: found.private,
      description: found.description,
    }),
  });

  async function findAmong(
    state: 'open' | 'closed',
    repository: string,
    branch: string,
  ): Promise<HostPullRequest | undefined> {
    const request = {
      path: `${at(repository)}/pulls`,
      query: { state, sort: 'recentupdate' },
      what: about(repository),
    };
    for await (const page of client.pages(request, z.array(Pull), { maxPages: PULL_PAGES[state], ...PAGE })) {
      // A fork may have a branch of the same name.
      const own = page.filter(({ head, base }) => head.ref === branch && head.repo_id === base.repo_id);
      const found = openOrNewest(own.map(toPullRequest));
      if (found) return found;
    }
    return undefined;
  }

  return {
    whoAmI: async () => (await client.ask({ path: '/user' }, User)).login,

    async searchRepositories(search) {
      const words = search.trim();
      if (words === '') {
        const own = await client.list({ path: '/user/repos' }, z.array(Repository), {
          maxPages: REPOSITORY_PAGES,
          ...PAGE,
        });
        return own.map(toRepository);
      }
      // Gitea looks for names of repositories alone, not for `owner/name`.
      const name = words.split('/').at(-1) || words;
      const { data } = await client.ask(
        { path: '/repos/search', query: { q: name, sort: 'updated', order: 'desc', limit: PAGE.size } },
        z.object({ data: z.array(Repository) }),
      );
      const isMeant = ({ full_name: path }: { full_name: string }) =>
        !words.includes('/') || path.toLowerCase().includes(words.toLowerCase());
      return data.filter(isMeant).map(toRepository);
    },

    async branches(repository) {
      const [{ default_branch: main }, branches] = await Promise.all([
        client.ask({ path: at(repository), what: about(repository) }, Repository),
        client.list({ path: `${at(repository)}/branches`, what: about(repository) }, z.array(Branch), {
          maxPages: BRANCH_PAGES,
          ...PAGE,
        }),
      ]);
      return branches.map(({ name, commit }) => ({
        name,
        isDefault: name === main,
        ...given({ commit: commit?.id }),
      }));
    },

    defaultBranch: async (repository) =>
      (await client.ask({ path: at(repository), what: about(repository) }, Repository)).default_branch,

    branchCommit: async (repository, branch) =>
      (await client.maybe({ path: `${at(repository)}/branches/${encodePath(branch)}` }, Branch))?.commit?.id,

    findPullRequest: async (repository, branch) =>
      (await findAmong('open', repository, branch)) ?? findAmong('closed', repository, branch),

    async createPullRequest(repository, { title, body, sourceBranch, targetBranch, draft }) {
      const made = await client.ask(
        {
          method: 'POST',
          path: `${at(repository)}/pulls`,
          body: {
            title: draft ? draftTitle(title, true, DRAFT) : title,
            body,
            head: sourceBranch,
            base: targetBranch,
          },
          what: about(repository),
        },
        Pull,
      );
      return toPullRequest(made);
    },

    async updatePullRequest(repository, current, change) {
      const draft = change.draft ?? current.draft ?? false;
      const title =
        change.title === undefined && change.draft === undefined
          ? undefined
          : draftTitle(change.title ?? current.title, draft, DRAFT);
      const changed = await client.ask(
        {
          method: 'PATCH',
          path: `${at(repository)}/pulls/${current.number}`,
          body: given({ title, body: change.body, base: change.targetBranch }),
          what: `pull request ${current.number}`,
        },
        Pull,
      );
      return toPullRequest(changed);
    },

    async checks(repository, { headCommit }) {
      if (headCommit === undefined) return countChecks([]);
      const { statuses } = await client.ask(
        { path: `${at(repository)}/commits/${encodeURIComponent(headCommit)}/status` },
        CombinedStatus,
      );
      return countChecks((statuses ?? []).map(({ status }) => commitStatusState(status)));
    },
  };
}

function toPullRequest(pull: z.infer<typeof Pull>): HostPullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    title: pull.title,
    state: pull.merged ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
    draft: pull.draft ?? isDraftTitle(pull.title),
    sourceBranch: pull.head.ref,
    targetBranch: pull.base.ref,
    ...given({ body: pull.body, headCommit: pull.head.sha }),
  };
}
