import { ApiError, type RunError } from '@wegent/api';
import { RunFailure } from '@wegent/engine/sandbox';
import { GitError } from '../git/git.ts';
import { gitFailure } from '../git/git-failure.ts';
import type { RepositoryAddress } from '../git/repository-address.ts';

/** Why the remote did not take a branch, as an answer that says what to do. */
export function pushRefusal(
  cause: unknown,
  { address, gatewayUrl, workBranch }: { address: RepositoryAddress; gatewayUrl: string; workBranch: string },
): unknown {
  if (cause instanceof GitError && /non-fast-forward|fetch first|\[rejected\]/.test(cause.stderr)) {
    return new ApiError(
      'Conflict',
      `the remote branch "${workBranch}" has commits that are not here, and nothing is overwritten: ask the agent to run \`git pull --rebase origin ${workBranch}\`, then push again`,
      { cause },
    );
  }
  if (cause instanceof GitError && /\[remote rejected\]/.test(cause.stderr)) {
    const why = /\[remote rejected\].*\((.*)\)/.exec(cause.stderr)?.[1] ?? 'no reason given';
    return new ApiError('Conflict', `${address.host} refused the branch "${workBranch}": ${why}`, { cause });
  }
  const failure = gitFailure(cause, { address, gatewayUrl, what: 'be pushed to' });
  return failure instanceof RunFailure ? asApiError(failure.error, failure) : failure;
}

/** A failure of git as an answer: refused access is 403, everything else is the host's or the network's. */
export function asApiError({ reason, message }: RunError, cause: unknown): ApiError {
  return new ApiError(reason === 'GitAuth' ? 'Forbidden' : 'ServiceUnavailable', `${reason}: ${message}`, {
    cause,
  });
}
