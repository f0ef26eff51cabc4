import type { SandboxLimits, SandboxSpec } from '../sandbox.ts';
import type { ControlGroups } from './control-groups.ts';
import type { HostUser } from './sandbox-folder.ts';

/** How a driver starts the processes of a sandbox, and what keeps them in. */
export interface Walls {
  name: string;
  isolation: string;
  isolated: boolean;
  groups: ControlGroups;
  /** A user of the host for one sandbox alone; undefined where all have ours. `taken` are those of others. */
  userOf(id: string, taken: ReadonlySet<number>): HostUser | undefined;
  launch(spec: SandboxSpec, limits: SandboxLimits, user: HostUser | undefined): Promise<Launch>;
  /** Text in the environment of all processes of a sandbox, where there is no better way to find them. */
  markOf?(id: string): string;
}

/** What is started. */
export interface Launch {
  argv: readonly string[];
  env: Record<string, string>;
  /** Descriptors for it, from 5 on; `close` gives them back once they are passed on. */
  files: readonly number[];
  close(): Promise<void>;
  /** Finds the first process of a name space of its own in what the program wrote to descriptor 4. */
  firstPid?(told: string): number | undefined;
  /** Working folder; `/` when absent. */
  cwd?: string;
}
