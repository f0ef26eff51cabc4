import type { GitRepository } from '@wegent/api';
import { z } from 'zod';
import { checkRunState, countChecks } from './check-counts.ts';
import type { GitHostApi, HostConnection, HostPullRequest } from './git-host-api.ts';
import { createHostClient } from './host-client.ts';
import { HostFailure } from './host-failure.ts';
import { encodePath, given, matchesSearch, OptionalText, openOrNewest, WebUrl } from './host-fields.ts';

const REPOSITORY_PAGES = 3;
const BRANCH_PAGES = 10;

const User = z.object({ login: z.string() });
const Repository = z.object({
  full_name: z.string(),
  default_branch: OptionalText,
  private: z.boolean().optional(),
  description: OptionalText,
});
const Branch = z.object({ name: z.string(), commit: z.object({ sha: z.string() }) });
const Head = z.object({
  ref: z.string(),
  sha: OptionalText,
  repo: z.object({ full_name: z.string() }).nullish(),
});
const Pull = z.object({
  number: z.number().int(),
  html_url: WebUrl,
  title: z.string(),
  body: OptionalText,
  state: z.string(),
  draft: z.boolean().optional(),
  head: Head,
  base: Head,
});
const CheckRuns = z.object({
  check_runs: z.array(z.object({ status: z.string(), conclusion: z.string().nullish() })),
});

/** gitee.com and Gitee on one's own machines. */
export function createGiteeApi(connection: HostConnection): GitHostApi {
  const { domain, scheme, token } = connection;
  const client = createHostClient({
    connection,
    base: `${scheme}://${domain}/api/v5`,
    name: 'Gitee',
    headers: { accept: 'application/json' },
    parameters: { access_token: token },
    scopes: { read: 'user_info and projects', write: 'pull_requests' },
  });
  const at = (repository: string) => `/repos/${encodePath(repository)}`;
  const about = (repository: string) => `repository "${repository}"`;

  const toRepository = (found: z.infer<typeof Repository>): GitRepository => ({
    gitUrl: `${scheme}://${domain}/${found.full_name}.git`,
    gitRepo: found.full_name,
    gitDomain: domain,
    type: 'gitee',
    ...given({
      defaultBranch: found.default_branch,
      private: found.private,
      description: found.description,
    }),
  });

  return {
    whoAmI: async () => (await client.ask({ path: '/user' }, User)).login,

    async searchRepositories(search) {
      const words = search.trim();
      const own = await client.list(
        { path: '/user/repos', query: { sort: 'pushed', ...(words === '' ? {} : { q: words }) } },
        z.array(Repository),
        { maxPages: REPOSITORY_PAGES },
      );
      const found = own.filter((one) => matchesSearch(words, one.full_name, one.description));
      if (found.length > 0 || words === '') return found.map(toRepository);
      const all = await client.ask(
        { path: '/search/repositories', query: { q: words, per_page: 30 } },
        z.array(Repository),
      );
      return all.map(toRepository);
    },

    async branches(repository) {
      const [{ default_branch: main }, branches] = await Promise.all([
        client.ask({ path: at(repository), what: about(repository) }, Repository),
        client.list({ path: `${at(repository)}/branches`, what: about(repository) }, z.array(Branch), {
          maxPages: BRANCH_PAGES,
        }),
      ]);
      return branches.map(({ name, commit }) => ({ name, isDefault: name === main, commit: commit.sha }));
    },

    defaultBranch: async (repository) =>
      (await client.ask({ path: at(repository), what: about(repository) }, Repository)).default_branch,

    branchCommit: async (repository, branch) =>
      (await client.maybe({ path: `${at(repository)}/branches/${encodeURIComponent(branch)}` }, Branch))
        ?.commit.sha,

    async findPullRequest(repository, branch) {
      const pulls = await client.ask(
        {
          path: `${at(repository)}/pulls`,
          query: { head: branch, state: 'all', sort: 'created', direction: 'desc', per_page: 30 },
          what: about(repository),
        },
        z.array(Pull),
      );
      // A fork may have a branch of the same name.
      const own = pulls.filter(
        ({ head, base }) => head.ref === branch && head.repo?.full_name === base.repo?.full_name,
      );
      return openOrNewest(own.map(toPullRequest));
    },

    async createPullRequest(repository, { title, body, sourceBranch, targetBranch, draft }) {
      const made = await client.ask(
        {
          method: 'POST',
          path: `${at(repository)}/pulls`,
          body: { title, body, head: sourceBranch, base: targetBranch, draft },
          what: about(repository),
        },
        Pull,
      );
      return toPullRequest(made);
    },

    async updatePullRequest(repository, current, { title, body, targetBranch, draft }) {
      if (targetBranch !== undefined && targetBranch !== current.targetBranch)
        throw new HostFailure(
          'refused',
          `targetBranch: a pull request at Gitee keeps its target branch, "${current.targetBranch}"`,
        );
      const changed = await client.ask(
        {
          method: 'PATCH',
          path: `${at(repository)}/pulls/${current.number}`,
          body: given({ title, body, draft }),
          what: `pull request ${current.number}`,
        },
        Pull,
      );
      return toPullRequest(changed);
    },

    async checks(repository, { headCommit }) {
      if (headCommit === undefined) return countChecks([]);
      const { check_runs: runs } = await client.ask(
        {
          path: `${at(repository)}/commits/${encodeURIComponent(headCommit)}/check-runs`,
          query: { per_page: 100 },
        },
        CheckRuns,
      );
      return countChecks(runs.map(checkRunState));
    },
  };
}

function toPullRequest(pull: z.infer<typeof Pull>): HostPullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    title: pull.title,
    state: pull.state === 'open' ? 'open' : pull.state === 'merged' ? 'merged' : 'closed',
    sourceBranch: pull.head.ref,
    targetBranch: pull.base.ref,
    ...given({ body: pull.body, draft: pull.draft, headCommit: pull.head.sha }),
  };
}
