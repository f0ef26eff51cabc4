import { ApiError, type ApplyResult, kindByName, Status } from '@wegent/api';
import { CommandError, explainApiError } from '../failure.ts';
import { printable } from './printable.ts';

/** Prints what became of each document, refusals to the standard error. Throws when one was refused. */
export function reportResults(
  results: readonly ApplyResult[],
  { suffix = '' }: { suffix?: string } = {},
): void {
  for (const result of results) {
    if (result.operation !== 'failed')
      process.stdout.write(`${nameOf(result)} ${result.operation}${suffix}\n`);
  }
  const refused = results.filter(({ operation }) => operation === 'failed');
  for (const result of refused) process.stderr.write(`${nameOf(result)} failed: ${reasonOf(result)}\n`);
  if (refused.length > 0) throw new CommandError(`${refused.length} of ${results.length} documents failed`);
}

/** `team/reviewer`; what has no kind or name is shown as it came. */
export function nameOf({ kind, name }: Pick<ApplyResult, 'kind' | 'name'>): string {
  return printable(`${kindByName(kind)?.singular ?? (kind || 'document')}/${name || '?'}`);
}

function reasonOf({ error }: ApplyResult): string {
  const status = Status.safeParse(error);
  return status.success ? explainApiError(ApiError.fromStatus(status.data)) : 'the server gave no reason';
}
