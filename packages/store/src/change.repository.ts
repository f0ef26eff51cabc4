import type { ResourceObject } from '@wegent/api';
import { type Kysely, sql } from 'kysely';
import type { Database } from './database.ts';
import { readJson, writeOptionalJson } from './row-json.ts';
import type { Schema } from './schema.ts';

/** One entry of the watch log. `previous` is the object before a change or a deletion. */
export interface Change {
  resourceVersion: number;
  type: 'ADDED' | 'MODIFIED' | 'DELETED';
  kind: string;
  namespace: string;
  name: string;
  uid: string;
  object: ResourceObject;
  previous?: ResourceObject;
}

/** Access to the watch log. */
export type ChangeRepository = ReturnType<typeof createChangeRepository>;

/** The watch log: every change of an object once, in the order of commits. */
export function createChangeRepository({ db, atomic }: Database) {
  return {
    /** The newest resourceVersion. */
    current: (): Promise<number> => readCounter(db, VERSION),

    /** Changes up to this one are no longer kept; a watch from below it has expired. */
    compactedUpTo: (): Promise<number> => readCounter(db, COMPACTED),

    /** Changes after a version, oldest first, without gaps. */
    async after(version: number, limit: number): Promise<Change[]> {
      // One statement of MariaDB may see a change without the one that was committed before it (decision 0023). What
      // the counter has reached was committed before the next statement began, so that one sees all of it.
      const upTo = await readCounter(db, VERSION);
      if (upTo <= version) return [];
      const rows = await db
        .selectFrom('changes')
        .selectAll()
        .where('resource_version', '>', version)
        .where('resource_version', '<=', upTo)
        .orderBy('resource_version')
        .limit(limit)
        .execute();
      return rows.map((row) => ({
        resourceVersion: row.resource_version,
        type: row.type as Change['type'],
        kind: row.kind,
        namespace: row.namespace,
        name: row.name,
        uid: row.uid,
        object: readJson<ResourceObject>(row.object),
        ...(row.previous === null ? {} : { previous: readJson<ResourceObject>(row.previous) }),
      }));
    },

    /**
     * Forgets changes made before `olderThan`, but never the newest `keep`.
     * Answers the new floor, as `compactedUpTo` does.
     */
    compact({ keep, olderThan }: { keep: number; olderThan: number }): Promise<number> {
      return atomic(async (tx) => {
        const floor = await readCounter(tx.db, COMPACTED);
        const newest = await readCounter(tx.db, VERSION);
        const { young } = await tx.db
          .selectFrom('changes')
          .select(({ fn }) => fn.min<number | null>('resource_version').as('young'))
          .where('created_at', '>=', olderThan)
          .executeTakeFirstOrThrow();
        const next = Math.min(newest - keep, (young ?? newest + 1) - 1);
        if (next <= floor) return floor;
        await tx.db.updateTable('counters').set({ value: next }).where('name', '=', COMPACTED).execute();
        await tx.db.deleteFrom('changes').where('resource_version', '<=', next).execute();
        return next;
      });
    },
  };
}

/** Names of the rows in `counters`. */
const VERSION = 'resourceVersion';
const COMPACTED = 'compacted';

/** Rows that the first migration writes. */
export const COUNTERS: readonly string[] = [VERSION, COMPACTED];

/**
 * Takes the next resourceVersion, writes the log entry, and answers the object with its version and the columns
 * of its row. The counter's row stays locked until the transaction ends, which makes the order of numbers the
 * order of commits: call it after everything else that may wait.
 */
export async function recordChange(
  { db }: Pick<Database, 'db'>,
  change: {
    type: Change['type'];
    object: ResourceObject;
    uid: string;
    now: number;
    previous?: ResourceObject;
  },
): Promise<{
  object: ResourceObject;
  columns: { object: string; resource_version: number; updated_at: number };
}> {
  await db.updateTable('counters').set({ value: sql`value + 1` }).where('name', '=', VERSION).execute();
  const version = await readCounter(db, VERSION);
  const object = {
    ...change.object,
    metadata: { ...change.object.metadata, resourceVersion: String(version) },
  };
  const text = JSON.stringify(object);
  await db
    .insertInto('changes')
    .values({
      resource_version: version,
      type: change.type,
      kind: object.kind,
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      uid: change.uid,
      object: text,
      previous: writeOptionalJson(change.previous),
      created_at: change.now,
    })
    .execute();
  return { object, columns: { object: text, resource_version: version, updated_at: change.now } };
}

async function readCounter(db: Kysely<Schema>, name: string): Promise<number> {
  const row = await db.selectFrom('counters').select('value').where('name', '=', name).executeTakeFirst();
  return row?.value ?? 0;
}
