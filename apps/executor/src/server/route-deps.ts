import type { ExecutorWorkspace } from '@wegent/api';
import type { Git } from '../git/git.ts';
import type { Snapshots } from '../snapshots/snapshots.ts';
import type { Commands } from '../terminals/commands.ts';
import type { Terminals } from '../terminals/terminals.ts';
import type { Turns } from '../turns/turns.ts';
import type { createArchive } from '../views/archive.ts';
import type { createChanges } from '../views/changes.ts';
import type { createRepositoryView } from '../views/repository.ts';
import type { WorkTree } from '../workspace/work-tree.ts';

/** What routes work with. */
export interface RouteDeps {
  version: string;
  turns: Turns;
  git: Git;
  snapshots: Snapshots;
  changes: ReturnType<typeof createChanges>;
  repository: ReturnType<typeof createRepositoryView>;
  terminals: Terminals;
  commands: Commands;
  archive: ReturnType<typeof createArchive>;
  /** The work tree; NotFound when there is none yet. */
  requireTree: () => Promise<WorkTree>;
  /** Folder of the work tree, or the workspace as long as there is none. */
  folder: () => Promise<string>;
  prepareWorkspace: (given: ExecutorWorkspace, signal: AbortSignal) => Promise<void>;
}
