import type { ExecutionSpec, RunError } from '@wegent/api';

/**
 * Makes sandboxes: places that hold one task's workspace and its executor, apart from the host and from each other.
 * The manager owns them; an engine never stops one. Failures are `ServiceUnavailable`, with what to do about it.
 */
export interface SandboxDriver {
  readonly name: string;
  /** What keeps sandboxes apart and by which means each limit is kept, for people: it is shown by the manager. */
  readonly isolation: string;
  /**
   * Starts a sandbox; fulfilled once its executor can be reached. Rejects with `Timeout` after `spec.startMs`, with
   * `AlreadyExists` when the id lives; in both cases, and when the signal aborts, nothing of the new one stays.
   */
  create(spec: SandboxSpec, signal?: AbortSignal): Promise<Sandbox>;

  /** All sandboxes that live, those of a manager that died on this host included: it is how a new one finds them. */
  list(): Promise<Sandbox[]>;

  /** Removes what belongs to no id in `keep`: processes, containers, folders, sockets, ports. Gives the ids removed. */
  removeOrphans(keep: ReadonlySet<string>): Promise<string[]>;
}

/** A sandbox that was started. */
export interface Sandbox {
  readonly id: string;
  readonly labels: SandboxSpec['labels'];
  /** Where its executor listens. */
  readonly address: SandboxAddress;
  /** Fulfilled when it is gone with all it held, however that came. Never rejects. */
  readonly ended: Promise<SandboxEnd>;
  /** Asks it to end, and kills it after `graceMs`. */
  stop(graceMs: number): Promise<SandboxEnd>;
  /** Ends it now. */
  kill(): Promise<SandboxEnd>;
}

/** What a sandbox is made of. */
export interface SandboxSpec {
  id: string;
  /** Whom it serves, for people and for finding it again. */
  labels: { taskId: string; namespace: string };
  /** Image, and limits: the driver's own for what is absent. */
  image?: string;
  limits: NonNullable<ExecutionSpec['shell']['resources']>;
  network: ExecutionSpec['shell']['network'];
  /** Folder of the host that is the workspace, the only one of it that can be written to. */
  workspace: string;
  env: Record<string, string>;
  startMs: number;
}

/** A socket on this host, or a port that the manager reaches. */
export type SandboxAddress = { type: 'unix'; path: string } | { type: 'tcp'; host: string; port: number };

/** How a sandbox ended. `error` tells of an end that nobody asked for: `SandboxOutOfMemory` or `SandboxFailed`. */
export interface SandboxEnd {
  cause: 'stopped' | 'killed' | 'failed';
  error?: RunError;
}
