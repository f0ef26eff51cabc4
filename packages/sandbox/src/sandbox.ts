import type { ExecutionSpec, RunError } from '@wegent/api';

/**
 * Makes sandboxes: places that hold one task's workspace and its executor, apart from the host and from each other.
 * The manager owns them; an engine never stops one. Failures are `ServiceUnavailable`, with what to do about it.
 */
export interface SandboxDriver {
  readonly name: string;
  /** What keeps sandboxes apart and by which means each limit is kept, for people: it is shown by the manager. */
  readonly isolation: string;
  /** False where nothing keeps an agent from the host. */
  readonly isolated: boolean;
  /** Limits of a sandbox whose spec names none. */
  readonly defaults: SandboxLimits;
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

/** Limits in numbers. */
export interface SandboxLimits {
  cpu: number;
  memoryBytes: number;
  pids: number;
  diskBytes: number;
}

/** A sandbox that was started. */
export interface Sandbox {
  readonly id: string;
  readonly labels: SandboxSpec['labels'];
  /** Where its executor listens. */
  readonly address: SandboxAddress;
  /** How often the kernel ended a process in it because its memory was used up. */
  oomKills(): Promise<number>;
  /** Bytes of memory that it uses now; undefined where nobody counts. */
  memoryBytes(): Promise<number | undefined>;
  /** Fulfilled when it is gone with all it held, however that came. Never rejects. */
  readonly ended: Promise<SandboxEnd>;
  /** Asks it to end, and kills it after `graceMs`. */
  stop(graceMs: number): Promise<SandboxEnd>;
  /** Ends it now. */
  kill(): Promise<SandboxEnd>;
}

/** What a sandbox is made of. A sandbox has no network: what it may reach it reaches through the gateway's socket. */
export interface SandboxSpec {
  /** Letters and digits, at most 16. */
  id: string;
  /** Whom it serves, for people and for finding it again. Empty strings for one that waits for its task. */
  labels: { taskId: string; namespace: string };
  /** Image, and limits: the driver's own for what is absent. */
  image?: string;
  limits: NonNullable<ExecutionSpec['shell']['resources']>;
  /**
   * Folder of the host that belongs to this sandbox alone, and outlives it: `workspace/` and `home/` are the only places
   * that it can write to, `run/` has the gateway's socket (`gateway.sock`) and the file `token`. The driver makes what
   * is missing and sets the owners.
   */
  folder: string;
  /** Secret that the executor asks for; it reads it from `run/token` and removes the file. */
  token: string;
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
