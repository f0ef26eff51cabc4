import type { GitBranch, GitRepository, PullRequest } from '@wegent/api';

/** A pull request with what decisions need and people do not. */
export interface HostPullRequest extends PullRequest {
  /** Commit that its branch had when it was last pushed. */
  headCommit?: string;
}

/** What a new pull request says. */
export interface NewPullRequest {
  title: string;
  body: string;
  sourceBranch: string;
  targetBranch: string;
  draft: boolean;
}

/** What becomes different of one that is open; absent fields stay. */
export interface PullRequestChange {
  title?: string | undefined;
  body?: string | undefined;
  targetBranch?: string | undefined;
  draft?: boolean | undefined;
}

/** What the checks of a commit came to. */
export type Checks = NonNullable<PullRequest['checks']>;

/**
 * What git hosts with an API can do, in the name of one person. `repository` is its path, such as `owner/name`.
 * Everything rejects with `HostFailure`.
 */
export interface GitHostApi {
  /** Whom the token belongs to. */
  whoAmI(): Promise<string>;
  /** Repositories that the person may choose, best first; all of theirs for an empty search. */
  searchRepositories(search: string): Promise<GitRepository[]>;
  branches(repository: string): Promise<GitBranch[]>;
  defaultBranch(repository: string): Promise<string | undefined>;
  /** The commit of a branch; `undefined` when the host does not have it. */
  branchCommit(repository: string, branch: string): Promise<string | undefined>;
  /** The open pull request from this branch of the repository itself, or else the newest one. */
  findPullRequest(repository: string, branch: string): Promise<HostPullRequest | undefined>;
  createPullRequest(repository: string, wanted: NewPullRequest): Promise<HostPullRequest>;
  updatePullRequest(
    repository: string,
    current: HostPullRequest,
    change: PullRequestChange,
  ): Promise<HostPullRequest>;
  checks(repository: string, pullRequest: HostPullRequest): Promise<Checks>;
}

/** How one person reaches one host. */
export interface HostConnection {
  /** Host with its port, as it was saved. */
  domain: string;
  scheme: 'http' | 'https';
  token: string;
  fetch: typeof globalThis.fetch;
  /** Ends what is asked. */
  signal?: AbortSignal | undefined;
}
