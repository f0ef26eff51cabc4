import type { Store, UserRow } from '@wegent/store';

/**
 * Makes every token of a user worthless, API keys apart. Call it in the transaction that changes the user, and
 * send the signal `user-revoked` afterwards.
 */
export async function endAllSessions(tx: Store, user: UserRow, now: number): Promise<void> {
  await tx.users.update(user.id, { sessionEpoch: user.sessionEpoch + 1 });
  await tx.sessions.revokeOfUser(user.id, now);
}
