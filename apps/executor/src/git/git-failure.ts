import { RunFailure } from '@wegent/engine/sandbox';
import { ProcessGivenUp } from '../process/processes.ts';
import { GitError } from './git.ts';
import type { RepositoryAddress } from './repository-address.ts';

/** What was wanted from the remote, and where. */
export interface RemoteContext {
  address: RepositoryAddress;
  /** Address of the gateway port, which is shown to nobody. */
  gatewayUrl: string;
  /** The end of the sentence "… could not …", such as "be cloned". */
  what: string;
}

const AUTH =
  /authentication failed|could not read (username|password)|permission denied|terminal prompts disabled|\b(401|403)\b|access denied|authorization failed/i;
const NOT_FOUND = /repository .*not found|not found|does not (exist|appear to be a git repository)|\b404\b/i;

/** The failure of a git command as a person can act on it; what is no failure of git stays what it is. */
export function gitFailure(cause: unknown, context: RemoteContext): unknown {
  const { address, what } = context;
  const shown = address.url;
  if (cause instanceof ProcessGivenUp) {
    return failure(
      'GitFailed',
      `${shown} could not ${what}: git ${cause.message} and was stopped. Check that ${address.host} is reachable, then try again.`,
      {
        retryable: true,
        cause,
      },
    );
  }
  if (!(cause instanceof GitError)) return cause;
  const detail = tail(cause.stderr, context);
  if (isGatewayClosed(cause.stderr)) {
    return failure(
      'GitFailed',
      `${shown} could not ${what}: the gateway of the manager did not answer. Try again.`,
      {
        retryable: true,
        detail,
        cause,
      },
    );
  }
  if (AUTH.test(cause.stderr)) {
    return failure(
      'GitAuth',
      `${address.host} refused access to ${shown}. Add or renew your ${address.transport === 'ssh' ? 'SSH key' : 'token'} for ${address.host} under Settings → Git hosts, and check that it may read and write this repository.`,
      { retryable: false, detail, cause },
    );
  }
  if (NOT_FOUND.test(cause.stderr)) {
    return failure(
      'GitFailed',
      `${address.host} has no repository ${shown}, or does not show it to you. Check the address, and your ${address.transport === 'ssh' ? 'SSH key' : 'token'} for ${address.host} under Settings → Git hosts.`,
      { retryable: false, detail, cause },
    );
  }
  return failure('GitFailed', `${shown} could not ${what}: ${lastLine(detail)}`, {
    retryable: true,
    detail,
    cause,
  });
}

/** The branch that work should start from is not there. */
export function missingBranch(
  address: RepositoryAddress,
  branch: string,
  existing: readonly string[],
): RunFailure {
  const shown = existing.slice(0, 20).join(', ');
  const more = existing.length > 20 ? ` and ${existing.length - 20} more` : '';
  return failure(
    'GitFailed',
    `${address.url} has no branch "${branch}". It has ${existing.length === 0 ? 'no branches' : `${shown}${more}`}.`,
    { retryable: false },
  );
}

/** What git says with the repository's address in place of the gateway's. */
export function withoutGateway(
  text: string,
  { address, gatewayUrl }: Pick<RemoteContext, 'address' | 'gatewayUrl'>,
): string {
  return text.replaceAll(`${gatewayUrl}/git`, address.url).replaceAll(gatewayUrl, address.host);
}

function failure(
  reason: 'GitAuth' | 'GitFailed',
  message: string,
  { retryable, detail, cause }: { retryable: boolean; detail?: string; cause?: unknown },
): RunFailure {
  return new RunFailure(
    { reason, message, retryable, ...(detail ? { detail } : {}) },
    cause === undefined ? {} : { cause },
  );
}

function isGatewayClosed(stderr: string): boolean {
  return /gateway of the manager|The requested URL returned error: 50[34]/.test(stderr);
}

/** The end of what git said, without its progress. */
function tail(stderr: string, context: RemoteContext): string {
  return withoutGateway(stderr, context)
    .split(/[\r\n]+/)
    .filter((line) => line.trim() !== '' && !/^(remote: )?\w[\w ]+:\s+\d+% \(/.test(line))
    .slice(-20)
    .join('\n')
    .slice(-4000);
}

function lastLine(text: string): string {
  return (
    text.split('\n').findLast((line) => /^(fatal|error|remote):/.test(line)) ?? text.split('\n').at(-1) ?? ''
  );
}
