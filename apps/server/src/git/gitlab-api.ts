import type { GitRepository } from '@wegent/api';
import { z } from 'zod';
import { countChecks, jobState } from './check-counts.ts';
import { draftTitle } from './draft-title.ts';
import type { GitHostApi, HostConnection, HostPullRequest } from './git-host-api.ts';
import { createHostClient } from './host-client.ts';
import { given, OptionalText, openOrNewest, WebUrl } from './host-fields.ts';

const REPOSITORY_PAGES = 3;
const BRANCH_PAGES = 10;
const JOB_PAGES = 5;
const DRAFT = 'Draft: ';

const User = z.object({ username: z.string() });
const Project = z.object({
  path_with_namespace: z.string(),
  default_branch: OptionalText,
  visibility: z.string().optional(),
  description: OptionalText,
});
const Branch = z.object({
  name: z.string(),
  default: z.boolean().optional(),
  commit: z.object({ id: z.string() }),
});
const MergeRequest = z.object({
  iid: z.number().int(),
  web_url: WebUrl,
  title: z.string(),
  description: OptionalText,
  state: z.string(),
  draft: z.boolean().optional(),
  source_branch: z.string(),
  target_branch: z.string(),
  sha: OptionalText,
  source_project_id: z.number().int().nullish(),
  target_project_id: z.number().int().nullish(),
});
const Pipeline = z.object({ id: z.number().int() });
const Job = z.object({ status: z.string(), allow_failure: z.boolean().optional() });

/** gitlab.com and GitLab on one's own machines. */
export function createGitLabApi(connection: HostConnection): GitHostApi {
  const { domain, scheme, token } = connection;
  const client = createHostClient({
    connection,
    base: `${scheme}://${domain}/api/v4`,
    name: 'GitLab',
    // Takes personal access tokens as well as those of OAuth.
    headers: { accept: 'application/json', authorization: `Bearer ${token}` },
    scopes: { read: 'read_api', write: 'api' },
  });
  const at = (repository: string) => `/projects/${encodeURIComponent(repository)}`;
  const about = (repository: string) => `project "${repository}"`;

  const toRepository = (project: z.infer<typeof Project>): GitRepository => ({
    gitUrl: `${scheme}://${domain}/${project.path_with_namespace}.git`,
    gitRepo: project.path_with_namespace,
    gitDomain: domain,
    type: 'gitlab',
    ...given({
      defaultBranch: project.default_branch,
      private: project.visibility === undefined ? undefined : project.visibility !== 'public',
      description: project.description,
    }),
  });

  return {
    whoAmI: async () => (await client.ask({ path: '/user' }, User)).username,

    async searchRepositories(search) {
      const words = search.trim();
      const query = {
        order_by: 'last_activity_at',
        ...(words === '' ? {} : { search: words, search_namespaces: 'true' }),
      };
      const own = await client.list(
        { path: '/projects', query: { ...query, membership: 'true' } },
        z.array(Project),
        {
          maxPages: REPOSITORY_PAGES,
        },
      );
      if (own.length > 0 || words === '') return own.map(toRepository);
      return (
        await client.list({ path: '/projects', query }, z.array(Project), { maxPages: 1, size: 30 })
      ).map(toRepository);
    },

    async branches(repository) {
      const branches = await client.list(
        { path: `${at(repository)}/repository/branches`, what: about(repository) },
        z.array(Branch),
        { maxPages: BRANCH_PAGES },
      );
      return branches.map((branch) => ({
        name: branch.name,
        isDefault: branch.default ?? false,
        commit: branch.commit.id,
      }));
    },

    defaultBranch: async (repository) =>
      (await client.ask({ path: at(repository), what: about(repository) }, Project)).default_branch,

    branchCommit: async (repository, branch) =>
      (
        await client.maybe(
          { path: `${at(repository)}/repository/branches/${encodeURIComponent(branch)}` },
          Branch,
        )
      )?.commit.id,

    async findPullRequest(repository, branch) {
      const requests = await client.ask(
        {
          path: `${at(repository)}/merge_requests`,
          query: { source_branch: branch, state: 'all', order_by: 'created_at', sort: 'desc', per_page: 30 },
          what: about(repository),
        },
        z.array(MergeRequest),
      );
      // A fork may have a branch of the same name.
      const own = requests.filter((one) => one.source_project_id === one.target_project_id);
      return openOrNewest(own.map(toPullRequest));
    },

    async createPullRequest(repository, { title, body, sourceBranch, targetBranch, draft }) {
      const made = await client.ask(
        {
          method: 'POST',
          path: `${at(repository)}/merge_requests`,
          body: {
            title: draft ? draftTitle(title, true, DRAFT) : title,
            description: body,
            source_branch: sourceBranch,
            target_branch: targetBranch,
          },
          what: about(repository),
        },
        MergeRequest,
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
          method: 'PUT',
          path: `${at(repository)}/merge_requests/${current.number}`,
          body: given({ title, description: change.body, target_branch: change.targetBranch }),
          what: `merge request ${current.number}`,
        },
        MergeRequest,
      );
      return toPullRequest(changed);
    },

    async checks(repository, { number }) {
      const pipelines = await client.ask(
        { path: `${at(repository)}/merge_requests/${number}/pipelines` },
        z.array(Pipeline),
      );
      const [newest] = pipelines;
      if (!newest) return countChecks([]);
      const jobs = await client.list(
        { path: `${at(repository)}/pipelines/${newest.id}/jobs` },
        z.array(Job),
        {
          maxPages: JOB_PAGES,
        },
      );
      return countChecks(jobs.map(jobState).filter((state) => state !== undefined));
    },
  };
}

function toPullRequest(request: z.infer<typeof MergeRequest>): HostPullRequest {
  return {
    number: request.iid,
    url: request.web_url,
    title: request.title,
    state: request.state === 'opened' ? 'open' : request.state === 'merged' ? 'merged' : 'closed',
    sourceBranch: request.source_branch,
    targetBranch: request.target_branch,
    ...given({ body: request.description, draft: request.draft, headCommit: request.sha }),
  };
}
