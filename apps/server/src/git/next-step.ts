import type { TaskRepository } from '@wegent/api';

/** What the finish button looks at. */
export interface RepositoryFacts {
  uncommitted: number;
  ahead: number;
  commits: number;
  head?: string | undefined;
  remoteHead?: string | undefined;
  canPullRequest: boolean;
  pullRequest?: { state: 'open' | 'merged' | 'closed'; headCommit?: string | undefined } | undefined;
}

/** What the finish button offers: the first step that is missing on the way to a pull request. Pure. */
export function nextStep(facts: RepositoryFacts): TaskRepository['next'] {
  const { uncommitted, ahead, commits, head, remoteHead, canPullRequest, pullRequest } = facts;
  if (uncommitted > 0) return 'commit';
  // Hosts delete branches after they were merged; there is nothing to push again.
  const isMerged = pullRequest?.state === 'merged' && (head === undefined || pullRequest.headCommit === head);
  if (isMerged) return 'view-pull-request';
  if (ahead > 0 || (commits > 0 && remoteHead === undefined)) return 'push';
  if (pullRequest?.state === 'open') return 'view-pull-request';
  if (remoteHead !== undefined && commits > 0 && canPullRequest) return 'create-pull-request';
  return pullRequest ? 'view-pull-request' : 'nothing';
}
