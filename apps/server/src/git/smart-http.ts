import type { GitBranch, GitCredential } from '@wegent/api';
import { HostFailure } from './host-failure.ts';
import { fetchFromHost } from './host-fetch.ts';
import { failureOf } from './host-refusal.ts';
import { parseRefsAdvertisement } from './refs-advertisement.ts';

const TIMEOUT_MS = 15_000;
const MAX_BYTES = 32 * 1024 * 1024;
const MEDIA_TYPE = 'application/x-git-upload-pack-advertisement';

/** Asks any git host for the branches of a repository, the way `git ls-remote` does. */
export async function listRemoteBranches({
  url,
  credential,
  fetch,
}: {
  url: string;
  credential: GitCredential | undefined;
  fetch: typeof globalThis.fetch;
}): Promise<GitBranch[]> {
  const basic = credential?.type === 'basic' ? credential : undefined;
  const target = new URL(`${url.replace(/\/+$/, '')}/info/refs?service=git-upload-pack`);
  const { status, headers, bytes } = await fetchFromHost({
    fetch,
    url: target,
    // Some hosts answer programs alone that say to be git.
    headers: { 'user-agent': 'git/2.0 (wegent)', accept: '*/*', ...authorization(basic) },
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });
  const { host: domain } = target;
  if (status === 401 && !basic)
    throw new HostFailure(
      'unauthorized',
      `${domain} wants to know who asks; connect it under Settings → Git hosts`,
    );
  if (status < 200 || status >= 300)
    throw failureOf({
      domain,
      name: 'git',
      token: basic?.password ?? '',
      status,
      headers,
      text: bytes.toString('utf8'),
      what: 'the repository',
      scope: 'to read repositories',
    });
  const isGit = headers.get('content-type')?.startsWith(MEDIA_TYPE) ?? false;
  const advertisement = isGit ? parseRefsAdvertisement(bytes) : undefined;
  if (advertisement) return advertisement.branches;
  throw new HostFailure('no-api', `${domain} answers, but there is no git repository at this address`);
}

function authorization(
  credential: { username: string; password: string } | undefined,
): Record<string, string> {
  if (!credential) return {};
  const pair = Buffer.from(`${credential.username}:${credential.password}`).toString('base64');
  return { authorization: `Basic ${pair}` };
}
