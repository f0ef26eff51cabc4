import { z } from 'zod';

/** What speaks at a git host besides git itself. */
export const GitHostType = z.enum(['github', 'gitlab', 'gitea', 'gitee', 'git']);
export type GitHostType = z.infer<typeof GitHostType>;

/** POST /api/v1/users/me/git-hosts: a host with the person's own credential, in place of the one of that domain. */
export const GitHostRequest = z.strictObject({
  domain: z
    .string()
    .min(1)
    .max(255)
    .regex(/^[a-zA-Z0-9.-]+(:\d{1,5})?$/, 'must be a host such as github.com or git.example.org:8443'),
  type: GitHostType,
  username: z
    .string()
    .max(200)
    .optional()
    .describe('For plain git over HTTP; hosts with an API do not need it.'),
  token: z
    .string()
    .min(1)
    .max(10_000)
    .optional()
    .describe('Token or password; stored sealed, never read back.'),
  sshKey: z.string().max(20_000).optional().describe('Private key in OpenSSH format, for ssh:// addresses.'),
});
export type GitHostRequest = z.infer<typeof GitHostRequest>;

/** A git host as the API shows it. */
export const GitHost = z.object({
  domain: z.string(),
  type: GitHostType,
  username: z.string().optional().describe('Who the token belongs to, where the host says so.'),
  hasToken: z.boolean(),
  hasSshKey: z.boolean(),
  createdAt: z.string(),
});
export type GitHost = z.infer<typeof GitHost>;

/** A repository that a host offers. */
export const GitRepository = z.object({
  gitUrl: z.string(),
  gitRepo: z.string().describe('owner/name.'),
  gitDomain: z.string(),
  type: GitHostType,
  defaultBranch: z.string().optional(),
  private: z.boolean().optional(),
  description: z.string().optional(),
});
export type GitRepository = z.infer<typeof GitRepository>;

/** A branch of a repository. */
export const GitBranch = z.object({
  name: z.string(),
  isDefault: z.boolean(),
  commit: z.string().optional(),
});
export type GitBranch = z.infer<typeof GitBranch>;

/** GET /api/v1/git/repositories: what all hosts of the caller offer, beside those that failed. */
export const GitRepositoryList = z.object({
  items: z.array(GitRepository),
  problems: z.array(z.object({ domain: z.string(), message: z.string() })),
});
export type GitRepositoryList = z.infer<typeof GitRepositoryList>;

/** GET /api/v1/git/branches. */
export const GitBranchList = z.object({
  items: z.array(GitBranch),
  hint: z.string().optional().describe('Why there are none to choose from.'),
});
export type GitBranchList = z.infer<typeof GitBranchList>;

/** A pull request (merge request) as its host tells it. */
export const PullRequest = z.object({
  number: z.number().int(),
  url: z.string(),
  title: z.string(),
  body: z.string().optional(),
  state: z.enum(['open', 'merged', 'closed']),
  draft: z.boolean().optional(),
  sourceBranch: z.string(),
  targetBranch: z.string(),
  checks: z
    .object({
      state: z.enum(['pending', 'success', 'failure', 'none']),
      passed: z.number().int(),
      failed: z.number().int(),
      pending: z.number().int(),
    })
    .optional(),
});
export type PullRequest = z.infer<typeof PullRequest>;

/** POST /api/v1/tasks/{taskId}/pull-request: creates it, or updates the open one of the branch. */
export const PullRequestRequest = z.strictObject({
  title: z.string().min(1).max(500).optional(),
  body: z.string().max(100_000).optional(),
  targetBranch: z.string().max(255).optional(),
  draft: z.boolean().optional(),
});
export type PullRequestRequest = z.infer<typeof PullRequestRequest>;

/** GET /api/v1/tasks/{taskId}/repository: where the work of a task stands, as work tree and remote tell it. */
export const TaskRepository = z.object({
  gitUrl: z.string(),
  hostType: GitHostType,
  branch: z.string().describe('Branch of the task.'),
  baseBranch: z.string(),
  uncommitted: z.number().int().describe('Files that differ from the last commit.'),
  ahead: z.number().int().describe('Commits that the remote branch does not have.'),
  commits: z.number().int().describe('Commits since the base branch.'),
  head: z.string().optional(),
  remoteHead: z
    .string()
    .optional()
    .describe('Commit of the branch on the remote; absent when it is not there.'),
  remoteProblem: z.string().optional().describe('Why the remote could not be asked.'),
  canPullRequest: z.boolean(),
  pullRequest: PullRequest.optional(),
  next: z
    .enum(['nothing', 'commit', 'push', 'create-pull-request', 'view-pull-request'])
    .describe('What the finish button offers.'),
});
export type TaskRepository = z.infer<typeof TaskRepository>;
