import { MASK } from '@wegent/api';
import { newId, type Store } from '@wegent/store';
import type { FastifyBaseLogger } from 'fastify';
import type { Principal } from '../auth/principal.ts';

const SECRET_FIELD = /password|passphrase|secret|token|credential|authorization|cookie|api.?key|^key$|hash/i;
const MAX_TEXT = 500;

/** Something worth remembering: who did what to which object. */
export interface AuditEntry {
  /** Who did it; null when nobody is signed in, with `username` saying who it claims to be. */
  principal: Pick<Principal, 'userId' | 'username'> | null;
  username?: string;
  /** A verb of the platform, such as `login`, `user-create`, `reset-password`. */
  action: string;
  target?: { kind: string; namespace?: string; name: string };
  /** Facts beside it; fields whose name speaks of a secret are masked. */
  detail?: Record<string, unknown>;
  /** The network address of the request. */
  address?: string | undefined;
}

/** The audit trail, see {@link createAudit}. */
export type Audit = ReturnType<typeof createAudit>;

/** Writes the audit trail beside the requests: it neither delays nor fails what it reports. */
export function createAudit(deps: {
  store: Store;
  logger: Pick<FastifyBaseLogger, 'error'>;
  now?: () => number;
}) {
  const { store, logger, now = Date.now } = deps;
  const writing = new Set<Promise<void>>();

  return {
    record(entry: AuditEntry): void {
      const row = {
        id: newId(),
        at: now(),
        userId: entry.principal?.userId ?? null,
        username: (entry.principal?.username ?? entry.username ?? '').slice(0, MAX_TEXT),
        action: entry.action,
        kind: entry.target?.kind ?? null,
        namespace: entry.target?.namespace ?? null,
        name: entry.target?.name ?? null,
        detail: withoutSecrets(entry.detail ?? {}),
        address: entry.address ?? null,
      };
      const write = store.audit
        .record(row)
        .catch((error: unknown) =>
          logger.error({ err: error, audit: row }, 'an audit entry could not be stored'),
        )
        .finally(() => writing.delete(write));
      writing.add(write);
    },

    /** Resolves when all that was recorded so far is stored or reported; for an orderly end. */
    async settled(): Promise<void> {
      await Promise.all(writing);
    },
  };
}

/** A copy of the facts in which every field that may be a secret reads as the mask, and long texts are cut. */
export function withoutSecrets(detail: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(detail).map(([field, value]) => [
      field,
      SECRET_FIELD.test(field) ? MASK : withoutSecretsInside(value),
    ]),
  );
}

function withoutSecretsInside(value: unknown): unknown {
  if (typeof value === 'string') return value.slice(0, MAX_TEXT);
  if (Array.isArray(value)) return value.slice(0, 100).map(withoutSecretsInside);
  if (typeof value !== 'object' || value === null) return value;
  return withoutSecrets(Object.fromEntries(Object.entries(value)));
}
