import type { Checks } from './git-host-api.ts';

/** One check, whatever its host calls it. */
export type CheckState = 'passed' | 'failed' | 'pending';

/** Sums up the checks of a commit: one that failed decides, then one that is not over. */
export function countChecks(states: readonly CheckState[]): Checks {
  const count = (wanted: CheckState) => states.filter((state) => state === wanted).length;
  const [passed, failed, pending] = [count('passed'), count('failed'), count('pending')];
  const state = failed > 0 ? 'failure' : pending > 0 ? 'pending' : passed > 0 ? 'success' : 'none';
  return { state, passed, failed, pending };
}

/** A check run of GitHub or Gitee. */
export function checkRunState(run: { status: string; conclusion?: string | null | undefined }): CheckState {
  if (run.status !== 'completed') return 'pending';
  return ['success', 'neutral', 'skipped'].includes(run.conclusion ?? '') ? 'passed' : 'failed';
}

/** A commit status of GitHub or Gitea. */
export function commitStatusState(status: string): CheckState {
  if (status === 'pending') return 'pending';
  return ['success', 'warning', 'skipped'].includes(status) ? 'passed' : 'failed';
}

/** A job of GitLab; `undefined` for those that do not count. */
export function jobState(job: {
  status: string;
  allow_failure?: boolean | undefined;
}): CheckState | undefined {
  const { status, allow_failure: mayFail = false } = job;
  if (status === 'success') return 'passed';
  if (status === 'failed' || status === 'canceled') return mayFail ? 'passed' : 'failed';
  if (status === 'skipped' || (status === 'manual' && mayFail)) return undefined;
  return 'pending';
}
