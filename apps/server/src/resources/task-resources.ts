import type { ResourceObject } from '@wegent/api';
import type { Principal } from '../auth/principal.ts';

/** A Task that passed validation, on its way into the store. */
export interface TaskWrite {
  principal: Principal;
  /** The whole object; metadata is filled in, references exist and may be used by the principal. */
  object: ResourceObject;
  /** The resolved targets of its references, to hand to the store. */
  references: readonly { kind: string; namespace: string; name: string }[];
  /** Check everything, write nothing. */
  dryRun: boolean;
}

/**
 * What the resource API asks of tasks, because a Task is more than its object: applying one starts a run, and its
 * owner and participants alone see it.
 */
export interface TaskResources {
  /** Stores a new Task and starts it; answers the stored object. */
  create(write: TaskWrite): Promise<ResourceObject>;
  /** Stores a changed Task; `expectedVersion` is that of `stored`. Throws `Conflict` when it was overtaken. */
  update(write: TaskWrite & { stored: ResourceObject; expectedVersion: string }): Promise<ResourceObject>;
  /** Cancels what runs, and removes the Task. */
  delete(input: { principal: Principal; object: ResourceObject; dryRun: boolean }): Promise<void>;
  /** Those of the Tasks that the principal owns or takes part in, in order; deleted ones among them. */
  readable(principal: Principal, objects: readonly ResourceObject[]): Promise<ResourceObject[]>;
  /** Every namespace that holds a Task which the principal owns or takes part in. */
  namespaces(principal: Principal): Promise<string[]>;
}
