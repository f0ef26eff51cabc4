import type { GitCredential } from '@wegent/api';
import type { GitHostRow, Store } from '@wegent/store';
import type { SecretBox } from '../resources/secret-box.ts';
import { type GitAddress, parseGitAddress } from './git-address.ts';
import { httpHostOf, sshHostOf } from './git-domain.ts';
import { openCredential } from './host-secrets.ts';

/** Who a person is at git hosts, see `createGitCredentials`. */
export type GitCredentials = ReturnType<typeof createGitCredentials>;

/** Finds the credential that goes along with a git address. */
export function createGitCredentials({
  store,
  secrets,
}: {
  store: Pick<Store, 'gitHosts'>;
  secrets: Pick<SecretBox, 'sealText' | 'openText'>;
}) {
  return {
    /** The person's own credential for exactly the host of this address; nothing for any other host. */
    async forUrl(userId: string, gitUrl: string): Promise<GitCredential | undefined> {
      const address = parsed(gitUrl);
      if (!address || address.transport === 'folder') return undefined;
      const rows = await store.gitHosts.list(userId);
      if (address.transport === 'ssh') {
        const row = sshHostOf(
          rows.filter(({ sshKey }) => sshKey !== null),
          address,
        );
        const privateKey = row && openCredential(secrets, row, 'sshKey');
        return privateKey === undefined ? undefined : { type: 'ssh', privateKey };
      }
      const row = httpHostOf(
        rows.filter(({ token }) => token !== null),
        address,
      );
      const password = row && openCredential(secrets, row, 'token');
      if (!row || password === undefined) return undefined;
      return { type: 'basic', username: usernameOf(row), password };
    },
  };
}

// What the hosts document for tokens in place of passwords.
function usernameOf({ type, username }: GitHostRow): string {
  switch (type) {
    case 'github':
      return 'x-access-token';
    case 'gitlab':
      return 'oauth2';
    case 'gitea':
    case 'gitee':
    case 'git':
      return username ?? 'git';
  }
}

function parsed(gitUrl: string): GitAddress | undefined {
  try {
    return parseGitAddress(gitUrl);
  } catch {
    return undefined;
  }
}
