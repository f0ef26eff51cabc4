import type { GitRepository } from '@wegent/api';
import { z } from 'zod';
import { type CheckState, checkRunState, commitStatusState, countChecks } from './check-counts.ts';
import type { GitHostApi, HostConnection, HostPullRequest } from './git-host-api.ts';
import { createHostClient } from './host-client.ts';
import { HostFailure } from './host-failure.ts';
import { encodePath, given, matchesSearch, OptionalText, openOrNewest, WebUrl } from './host-fields.ts';

/** Own repositories that are read at most, in hundreds. */
const REPOSITORY_PAGES = 5;
const BRANCH_PAGES = 10;
/** With fewer matches of one's own, all of the host is searched. */
const ENOUGH = 10;

const User = z.object({ login: z.string() });
const Repository = z.object({
  full_name: z.string(),
  default_branch: OptionalText,
  private: z.boolean().optional(),
  description: OptionalText,
});
const Branch = z.object({ name: z.string(), commit: z.object({ sha: z.string() }) });
const Pull = z.object({
  number: z.number().int(),
  html_url: WebUrl,
  title: z.string(),
  body: OptionalText,
  state: z.string(),
  merged_at: OptionalText,
  draft: z.boolean().optional(),
  head: z.object({ ref: z.string(), sha: z.string() }),
  base: z.object({ ref: z.string() }),
});
const CheckRuns = z.object({
  check_runs: z.array(z.object({ status: z.string(), conclusion: z.string().nullish() })),
});
const CombinedStatus = z.object({ statuses: z.array(z.object({ state: z.string() })) });

/** github.com, GitHub with data residency, and GitHub Enterprise Server. */
export function createGitHubApi(connection: HostConnection): GitHostApi {
  const { domain, scheme, token } = connection;
  const client = createHostClient({
    connection,
    base: baseOf(domain, scheme),
    name: 'GitHub',
    headers: {
      accept: 'application/vnd.github+json',
      'x-github-api-version': '2022-11-28',
      authorization: `Bearer ${token}`,
    },
    scopes: { read: 'repo', write: 'repo (or "Pull requests: write" of a fine-grained token)' },
  });
  const about = (repository: string) => `repository "${repository}"`;
  const at = (repository: string) => `/repos/${encodePath(repository)}`;

  const toRepository = (found: z.infer<typeof Repository>): GitRepository => ({
    gitUrl: `${scheme}://${domain}/${found.full_name}.git`,
    gitRepo: found.full_name,
    gitDomain: domain,
    type: 'github',
    ...given({
      defaultBranch: found.default_branch,
      private: found.private,
      description: found.description,
    }),
  });

  return {
    whoAmI: async () => (await client.ask({ path: '/user' }, User)).login,

    async searchRepositories(search) {
      const own = await client.list({ path: '/user/repos', query: { sort: 'pushed' } }, z.array(Repository), {
        maxPages: REPOSITORY_PAGES,
      });
      const words = search.trim();
      const found = own.filter((one) => matchesSearch(words, one.full_name, one.description));
      if (words !== '' && found.length < ENOUGH) {
        // A word in quotes holds no qualifiers such as `user:`.
        const q = `"${words.replaceAll('"', ' ')}" in:name fork:true`;
        const { items } = await client.ask(
          { path: '/search/repositories', query: { q, per_page: 30 } },
          z.object({ items: z.array(Repository) }),
        );
        const known = new Set(found.map((one) => one.full_name));
        found.push(...items.filter((one) => !known.has(one.full_name)));
      }
      return found.map(toRepository);
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
      const owner = repository.split('/')[0] ?? '';
      const pulls = await client.ask(
        {
          path: `${at(repository)}/pulls`,
          query: {
            head: `${owner}:${branch}`,
            state: 'all',
            sort: 'created',
            direction: 'desc',
            per_page: 30,
          },
          what: about(repository),
        },
        z.array(Pull),
      );
      return openOrNewest(pulls.filter(({ head }) => head.ref === branch).map(toPullRequest));
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
      if (draft !== undefined && draft !== (current.draft ?? false))
        throw new HostFailure(
          'refused',
          `draft: GitHub lets people change this on the page of the pull request only: ${current.url}`,
        );
      const changed = await client.ask(
        {
          method: 'PATCH',
          path: `${at(repository)}/pulls/${current.number}`,
          body: given({ title, body, base: targetBranch }),
          what: `pull request ${current.number}`,
        },
        Pull,
      );
      return toPullRequest(changed);
    },

    async checks(repository, { headCommit }) {
      if (headCommit === undefined) return countChecks([]);
      const commit = `${at(repository)}/commits/${encodeURIComponent(headCommit)}`;
      const states: CheckState[] = [];
      const request = { path: `${commit}/check-runs` };
      for await (const page of client.pages(request, CheckRuns, { maxPages: 5 })) {
        states.push(...page.check_runs.map(checkRunState));
      }
      const { statuses } = await client.ask(
        { path: `${commit}/status`, query: { per_page: 100 } },
        CombinedStatus,
      );
      return countChecks([...states, ...statuses.map(({ state }) => commitStatusState(state))]);
    },
  };
}

function baseOf(domain: string, scheme: string): string {
  if (domain === 'github.com' || /^[a-z0-9-]+\.ghe\.com$/.test(domain)) return `https://api.${domain}`;
  return `${scheme}://${domain}/api/v3`;
}

function toPullRequest(pull: z.infer<typeof Pull>): HostPullRequest {
  return {
    number: pull.number,
    url: pull.html_url,
    title: pull.title,
    state: pull.merged_at !== undefined ? 'merged' : pull.state === 'open' ? 'open' : 'closed',
    sourceBranch: pull.head.ref,
    targetBranch: pull.base.ref,
    headCommit: pull.head.sha,
    ...given({ body: pull.body, draft: pull.draft }),
  };
}
