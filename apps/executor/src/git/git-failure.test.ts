import { RunFailure } from '@wegent/engine/sandbox';
import { describe, expect, test } from 'vitest';
import { ProcessGivenUp } from '../process/processes.ts';
import { GitError } from './git.ts';
import { gitFailure, missingBranch } from './git-failure.ts';
import { parseRepositoryAddress } from './repository-address.ts';

const address = parseRepositoryAddress('https://git.example.org/o/app.git');
if (!address) throw new Error('the address is right');
const context = { address, gatewayUrl: 'http://127.0.0.1:4711', what: 'be cloned' };

describe('gitFailure', () => {
  test.each([
    ["fatal: Authentication failed for 'http://127.0.0.1:4711/git/'", 'GitAuth'],
    ["fatal: could not read Username for 'http://127.0.0.1:4711': terminal prompts disabled", 'GitAuth'],
    ['git@h: Permission denied (publickey).', 'GitAuth'],
    ['The requested URL returned error: 403', 'GitAuth'],
    ["fatal: repository 'http://127.0.0.1:4711/git/' not found", 'GitFailed'],
    ['The requested URL returned error: 503', 'GitFailed'],
    ['fatal: the remote end hung up unexpectedly', 'GitFailed'],
  ])('%s is %s', (stderr, reason) => {
    const failure = gitFailure(new GitError(['fetch'], { code: 128, stderr }), context);
    expect(failure).toBeInstanceOf(RunFailure);
    const { error } = failure as RunFailure;
    expect(error.reason).toBe(reason);
    expect(error.message).toContain('git.example.org');
    expect(`${error.message}${error.detail}`).not.toContain('4711');
  });

  test('a clone that hangs can be tried again', () => {
    const failure = gitFailure(
      new ProcessGivenUp('stalled', 'made no progress for 60 s'),
      context,
    ) as RunFailure;
    expect(failure.error).toMatchObject({ reason: 'GitFailed', retryable: true });
  });

  test('what is no failure of git stays what it is', () => {
    const cause = new TypeError('x');
    expect(gitFailure(cause, context)).toBe(cause);
  });
});

test('a missing branch names at most twenty others', () => {
  const many = Array.from({ length: 30 }, (_, index) => `b${index}`);
  expect(missingBranch(address, 'x', many).error.message).toMatch(/b19 and 10 more\.$/);
  expect(missingBranch(address, 'x', []).error.message).toContain('no branches');
});
