import { expect, test } from 'vitest';
import { nextStep, type RepositoryFacts } from './next-step.ts';

const PUSHED: RepositoryFacts = {
  uncommitted: 0,
  ahead: 0,
  commits: 2,
  head: 'c2',
  remoteHead: 'c2',
  canPullRequest: true,
};

test.each<[string, Partial<RepositoryFacts>, ReturnType<typeof nextStep>]>([
  ['nothing was done', { commits: 0, head: 'c0', remoteHead: undefined }, 'nothing'],
  ['files differ', { uncommitted: 1 }, 'commit'],
  [
    'files differ though there is a pull request',
    { uncommitted: 3, pullRequest: { state: 'open' } },
    'commit',
  ],
  ['the remote lacks commits', { ahead: 1, remoteHead: 'c1' }, 'push'],
  ['the remote lacks the branch', { ahead: 2, remoteHead: undefined }, 'push'],
  ['the remote lacks the branch, whatever is counted', { ahead: 0, remoteHead: undefined }, 'push'],
  ['the remote lacks commits of an open pull request', { ahead: 1, pullRequest: { state: 'open' } }, 'push'],
  ['all is pushed', {}, 'create-pull-request'],
  ['all is pushed to a host without an API', { canPullRequest: false }, 'nothing'],
  ['the branch is there, and like its base', { commits: 0 }, 'nothing'],
  ['a pull request is open', { pullRequest: { state: 'open', headCommit: 'c2' } }, 'view-pull-request'],
  ['it was merged', { pullRequest: { state: 'merged', headCommit: 'c2' } }, 'view-pull-request'],
  [
    'it was merged and its branch deleted',
    { ahead: 2, remoteHead: undefined, pullRequest: { state: 'merged', headCommit: 'c2' } },
    'view-pull-request',
  ],
  [
    'work went on after it was merged',
    { ahead: 1, head: 'c3', pullRequest: { state: 'merged', headCommit: 'c2' } },
    'push',
  ],
  [
    'work that went on was pushed',
    { head: 'c3', remoteHead: 'c3', pullRequest: { state: 'merged', headCommit: 'c2' } },
    'create-pull-request',
  ],
  ['it was closed', { pullRequest: { state: 'closed', headCommit: 'c2' } }, 'create-pull-request'],
  [
    'it was closed, and the host cannot be asked',
    { canPullRequest: false, pullRequest: { state: 'closed' } },
    'view-pull-request',
  ],
])('%s', (_what, facts, wanted) => {
  expect(nextStep({ ...PUSHED, ...facts })).toBe(wanted);
});
