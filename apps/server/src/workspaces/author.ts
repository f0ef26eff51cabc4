import type { UserRow } from '@wegent/store';

/** Who signs the commits of a person. Without an address of their own, people get one that leads nowhere. */
export function authorOf(
  user: Pick<UserRow, 'username' | 'displayName' | 'email'> | undefined,
  mailHost: string,
): { name: string; email: string } {
  const username = clean(user?.username ?? '') || 'wegent';
  return {
    name: clean(user?.displayName ?? '') || username,
    email: clean(user?.email ?? '') || `${username}@users.noreply.${mailHost}`,
  };
}

// What would end the field of a commit: git refuses or drops these characters.
function clean(text: string): string {
  return text
    .replaceAll(/[\p{Cc}<>]/gu, ' ')
    .replaceAll(/\s+/g, ' ')
    .trim();
}
