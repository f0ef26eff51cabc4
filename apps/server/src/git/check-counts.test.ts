import { expect, test } from 'vitest';
import { type CheckState, checkRunState, commitStatusState, countChecks, jobState } from './check-counts.ts';

test.each<[CheckState[], string]>([
  [[], 'none'],
  [['passed', 'passed'], 'success'],
  [['passed', 'pending'], 'pending'],
  [['pending', 'failed', 'passed'], 'failure'],
])('%j', (states, wanted) => {
  const counts = countChecks(states);
  expect(counts.state).toBe(wanted);
  expect(counts.passed + counts.failed + counts.pending).toBe(states.length);
});

test('reads what each host calls a check', () => {
  expect(checkRunState({ status: 'in_progress', conclusion: null })).toBe('pending');
  expect(checkRunState({ status: 'completed', conclusion: 'skipped' })).toBe('passed');
  expect(checkRunState({ status: 'completed', conclusion: 'timed_out' })).toBe('failed');
  expect(commitStatusState('error')).toBe('failed');
  expect(commitStatusState('warning')).toBe('passed');
  expect(jobState({ status: 'failed', allow_failure: true })).toBe('passed');
  expect(jobState({ status: 'failed' })).toBe('failed');
  expect(jobState({ status: 'manual', allow_failure: true })).toBeUndefined();
  expect(jobState({ status: 'created' })).toBe('pending');
});
