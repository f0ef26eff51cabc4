import { randomBytes } from 'node:crypto';
import { addUsage, type ExecutionSpec, NO_USAGE, type SandboxContext, type Usage } from '@wegent/api';
import type { Delegate } from '@wegent/engine';
import { limitLines } from './limit-lines.ts';

/** One who was let through, as the routes see it. */
export interface Pass {
  readonly context: SandboxContext;
  /** Absent where nobody runs: then there is neither model nor MCP nor blobs. */
  readonly run: ExecutionSpec | undefined;
  /** What paths of its routes begin with. */
  readonly prefix: string;
  readonly isRevoked: boolean;
  /** Gives work to members of the Team that the run leads; absent where it leads none. */
  readonly delegate: Delegate | undefined;
  readBlob(key: string): Promise<Uint8Array | undefined>;
  /** Writes a line into the task's log, within limits. */
  egress(line: string): void;
  /** Counts what was used; `member` is who used it, where members work inside the run. */
  addUsage(usage: Usage, member?: string): void;
  usage(): Usage;
  /** Calls back when it is revoked, at once if it is; gives a function that takes this back. */
  onRevoke(end: () => void): () => void;
  revoke(): void;
  /** Bytes of bodies that are held for it now. */
  heldBytes: number;
  /** Makes a name for something that the sandbox may ask for but not see; gives the name. */
  hide<Kind extends keyof Hidden>(kind: Kind, value: Hidden[Kind]): string;
  reveal<Kind extends keyof Hidden>(kind: Kind, name: string): Hidden[Kind] | undefined;
  /** Where the git host says that the repository really is, once it has. */
  movedRepository: URL | undefined;
}

/** What the sandbox knows by a name only. */
export interface Hidden {
  lfs: { url: URL; headers: Record<string, string> };
  mcp: { server: string; url: URL };
}

const MAX_HIDDEN = 50_000;

/** Makes the state of one who is let through. */
export function createPass(given: {
  spec: ExecutionSpec | SandboxContext;
  onEgress: (line: string) => void;
  onUsage: (usage: Usage, member?: string) => void;
  readBlob: Pass['readBlob'];
  delegate?: Delegate | undefined;
  onRevoked: () => void;
}): Pass {
  const { spec, onUsage, readBlob, onRevoked } = given;
  const ends = new Set<() => void>();
  const hidden = new Map<string, { kind: keyof Hidden; value: Hidden[keyof Hidden] }>();
  const egress = limitLines(given.onEgress);
  let used = NO_USAGE;
  let isRevoked = false;

  return {
    context: spec,
    run: 'executionId' in spec ? spec : undefined,
    prefix: '',
    get isRevoked() {
      return isRevoked;
    },
    delegate: given.delegate,
    readBlob,
    egress,
    addUsage(usage, member) {
      used = addUsage(used, usage);
      onUsage(usage, member);
    },
    usage: () => used,
    onRevoke(end) {
      if (isRevoked) {
        end();
        return () => undefined;
      }
      ends.add(end);
      return () => void ends.delete(end);
    },
    revoke() {
      if (isRevoked) return;
      isRevoked = true;
      onRevoked();
      for (const end of [...ends]) end();
      ends.clear();
      hidden.clear();
    },
    heldBytes: 0,
    hide(kind, value) {
      // The oldest go first: their answers were taken long ago.
      for (const name of hidden.keys()) {
        if (hidden.size < MAX_HIDDEN) break;
        hidden.delete(name);
      }
      const name = randomBytes(18).toString('base64url');
      hidden.set(name, { kind, value });
      return name;
    },
    reveal<Kind extends keyof Hidden>(kind: Kind, name: string) {
      const found = hidden.get(name);
      return found?.kind === kind ? (found.value as Hidden[Kind]) : undefined;
    },
    movedRepository: undefined,
  };
}
