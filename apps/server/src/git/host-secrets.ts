import type { GitHostRow } from '@wegent/store';
import type { SecretBox } from '../resources/secret-box.ts';

type Box = Pick<SecretBox, 'sealText' | 'openText'>;
type Place = Pick<GitHostRow, 'userId' | 'domain'>;

/** Seals a credential so that it opens for this person and this host alone. */
export function sealCredential(box: Box, place: Place, field: 'token' | 'sshKey', text: string): string {
  return box.sealText(text, contextOf(place, field));
}

/** Opens a sealed credential; `undefined` where there is none. */
export function openCredential(box: Box, row: GitHostRow, field: 'token' | 'sshKey'): string | undefined {
  const sealed = row[field];
  return sealed === null ? undefined : box.openText(sealed, contextOf(row, field));
}

function contextOf({ userId, domain }: Place, field: string): string {
  return `git-host/${userId}/${domain}/${field}`;
}
