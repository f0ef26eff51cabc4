import type { Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import { authorOf } from '../workspaces/author.ts';

/** Who signs commits that people make by hand. */
export interface CommitAuthors {
  of(principal: Principal): Promise<{ name: string; email: string }>;
}

/** The author of a commit is the person who asked for it, whoever owns the task. */
export function createCommitAuthors({ store, mailHost }: { store: Store; mailHost: string }): CommitAuthors {
  return {
    of: async (principal) => authorOf((await store.users.get(principal.userId)) ?? undefined, mailHost),
  };
}
