import { ApiError, type GitHost, type GitHostRequest } from '@wegent/api';
import type { GitHostRow, Store } from '@wegent/store';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import { toTime } from '../http/time.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import { fieldError } from './field-error.ts';
import { canonicalDomain } from './git-domain.ts';
import { HostFailure } from './host-failure.ts';
import type { HostReach } from './host-reach.ts';
import { sealCredential } from './host-secrets.ts';
import { type ApiHostType, HOST_NAMES, openHostApi } from './open-host-api.ts';
import { checkSshKey } from './ssh-key.ts';

const MAX_HOSTS = 50;

/** Keeps where a person's code is, and who they are there. Everybody has their own, and sees no others. */
export function createGitHostService({
  store,
  secrets,
  reach,
  audit,
  now = Date.now,
}: {
  store: Pick<Store, 'gitHosts'>;
  secrets: Pick<SecretBox, 'sealText' | 'openText'>;
  reach: HostReach;
  audit: Pick<Audit, 'record'>;
  now?: () => number;
}) {
  /** Whom the token belongs to, and how the host is reached; Invalid, naming the field that is to blame. */
  async function tryLive(
    principal: Principal,
    { domain, type, token }: { domain: string; type: ApiHostType; token: string },
  ): Promise<{ username: string; scheme: 'http' | 'https' }> {
    const fetch = reach.fetchOf(principal);
    let failure: unknown;
    for (const scheme of reach.schemesOf(principal, domain)) {
      try {
        return { username: await openHostApi(type, { domain, scheme, token, fetch }).whoAmI(), scheme };
      } catch (error) {
        failure = error;
        if (!(error instanceof HostFailure) || error.kind !== 'unreachable') break;
      }
    }
    throw failure instanceof HostFailure ? blame(failure, type, domain) : failure;
  }

  return {
    async list({ userId }: Principal): Promise<{ items: GitHost[] }> {
      return { items: (await store.gitHosts.list(userId)).map(toGitHost) };
    },

    async get({ userId }: Principal, domain: string): Promise<GitHost> {
      const row = await store.gitHosts.get(userId, canonicalDomain(domain) ?? '');
      if (!row) throw notFound(domain);
      return toGitHost(row);
    },

    /** Saves a host in place of the person's one of that domain; one with an API is tried first. */
    async save(principal: Principal, request: GitHostRequest, address?: string): Promise<GitHost> {
      const { userId } = principal;
      const { domain, token, username, key } = checkRequest(request);
      const known = await store.gitHosts.list(userId);
      if (known.length >= MAX_HOSTS && !known.some((row) => row.domain === domain))
        throw new ApiError(
          'Conflict',
          `you have ${MAX_HOSTS} git hosts, more are not kept; delete one first`,
        );
      const { type } = request;
      const live =
        type !== 'git' && token !== undefined ? await tryLive(principal, { domain, type, token }) : undefined;
      const place = { userId, domain };
      const row: GitHostRow = {
        ...place,
        type,
        username: live?.username ?? username ?? null,
        token: token === undefined ? null : sealCredential(secrets, place, 'token', token),
        sshKey: key === undefined ? null : sealCredential(secrets, place, 'sshKey', key),
        scheme: live?.scheme ?? null,
        apiUrl: null,
        createdAt: now(),
      };
      await store.gitHosts.put(row);
      audit.record({
        principal,
        action: 'git-host-save',
        target: { kind: 'GitHost', name: domain },
        detail: {
          type,
          username: row.username,
          for: [...(token === undefined ? [] : ['https']), ...(key === undefined ? [] : ['ssh'])],
        },
        address,
      });
      return toGitHost(row);
    },

    async delete(principal: Principal, domain: string, address?: string): Promise<void> {
      const name = canonicalDomain(domain) ?? '';
      if (!(await store.gitHosts.delete(principal.userId, name))) throw notFound(domain);
      audit.record({
        principal,
        action: 'git-host-delete',
        target: { kind: 'GitHost', name },
        address,
      });
    },
  };
}

function checkRequest(request: GitHostRequest) {
  const domain = canonicalDomain(request.domain);
  if (domain === undefined)
    throw fieldError(
      'domain',
      `"${request.domain}" is no host; wanted is one such as github.com or git.example.org:8443`,
    );
  const token = request.token?.trim();
  if (token === undefined && request.sshKey === undefined)
    throw fieldError('token', 'Required value: a token, or an SSH key', 'FieldValueRequired');
  // It becomes part of a header.
  if (token !== undefined && !/^[\x21-\x7e]+$/.test(token) && request.type !== 'git')
    throw fieldError('token', 'holds characters that no token has');
  if (token === '' || (token !== undefined && /\p{Cc}/u.test(token)))
    throw fieldError('token', 'is empty, or holds a line break or another control character');
  const username = request.username?.trim() || undefined;
  if (username !== undefined && /[:\p{Cc}]/u.test(username))
    throw fieldError('username', 'holds a colon or a control character');
  const ssh = request.sshKey === undefined ? undefined : checkSshKey(request.sshKey);
  if (ssh && 'fault' in ssh) throw fieldError('sshKey', ssh.fault);
  return { domain, token, username, key: ssh?.key };
}

/** Says which field of what was typed is wrong. */
function blame(failure: HostFailure, type: ApiHostType, domain: string): ApiError {
  const { kind, message } = failure;
  switch (kind) {
    case 'unauthorized':
    case 'forbidden':
      return fieldError('token', message.replace(/ Connect the host again .*$/, ''));
    case 'unreachable':
    case 'private':
    case 'redirected':
    case 'failed':
      return fieldError('domain', message);
    case 'no-api':
    case 'not-found':
    case 'conflict':
    case 'refused':
      return fieldError('type', `${domain} answers, but not as the API of ${HOST_NAMES[type]} does`);
    case 'rate-limited':
      return failure;
  }
}

function toGitHost(row: GitHostRow): GitHost {
  return {
    domain: row.domain,
    type: row.type,
    ...(row.username === null ? {} : { username: row.username }),
    hasToken: row.token !== null,
    hasSshKey: row.sshKey !== null,
    createdAt: toTime(row.createdAt),
  };
}

function notFound(domain: string): ApiError {
  return new ApiError('NotFound', `you have no git host "${domain}"`);
}
