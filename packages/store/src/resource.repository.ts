import { ApiError, type ResourceObject, type Selector } from '@wegent/api';
import { type Kysely, type SelectQueryBuilder, sql } from 'kysely';
import { recordChange } from './change.repository.ts';
import type { Database } from './database.ts';
import { orAlreadyExists } from './database-error.ts';
import { newId } from './new-id.ts';
import { afterPair, forUpdate } from './portable.ts';
import { readJson } from './row-json.ts';
import type { ResourceTable, Schema } from './schema.ts';

/** Names an object of any kind. */
export interface ResourceKey {
  kind: string;
  namespace: string;
  name: string;
}

/** What `resources.list` is asked for. Without `namespaces` all are meant; `after` is the last one of the page before. */
export interface ResourceQuery {
  kind: string;
  namespaces?: readonly string[];
  labels?: Selector;
  fields?: { name?: string; namespace?: string };
  limit?: number;
  after?: { namespace: string; name: string };
}

/** A page, in the order (namespace, name). `remaining` is there when it costs nothing to know. */
export interface ResourcePage {
  items: ResourceObject[];
  next?: { namespace: string; name: string };
  remaining?: number;
}

/** Access to the objects of all kinds. */
export type ResourceRepository = ReturnType<typeof createResourceRepository>;

/** Objects of all kinds as documents, with their label index, references and change log. */
export function createResourceRepository({ db, atomic, dialect }: Database) {
  return {
    /** The live object of that name. */
    async get(kind: string, namespace: string, name: string): Promise<ResourceObject | undefined> {
      const row = await selectLive(db, { kind, namespace, name }).executeTakeFirst();
      return row && objectOf(row);
    },

    /** By uid; with `deleted` also one that is gone. */
    async getByUid(
      uid: string,
      { deleted = false }: { deleted?: boolean } = {},
    ): Promise<ResourceObject | undefined> {
      const query = db.selectFrom('resources').select('object').where('uid', '=', uid);
      const row = await (deleted ? query : query.where('tombstone', '=', '')).executeTakeFirst();
      return row && objectOf(row);
    },

    /** The live object of that uid, locked until the transaction ends; whoever changes it waits. */
    async lock(uid: string): Promise<ResourceObject | undefined> {
      const key = await db
        .selectFrom('resources')
        .select(['kind', 'namespace', 'name'])
        .where('uid', '=', uid)
        .executeTakeFirst();
      // By its name, as `update` does: to lock the same row by two indexes is how writers deadlock.
      const row = key && (await forUpdate(selectLive(db, key), dialect).executeTakeFirst());
      return row?.uid === uid ? objectOf(row) : undefined;
    },

    /** Live objects of one kind by their names; those that do not exist are left out. */
    async getMany(
      kind: string,
      keys: readonly { namespace: string; name: string }[],
    ): Promise<ResourceObject[]> {
      if (keys.length === 0) return [];
      const rows = await db
        .selectFrom('resources')
        .select('object')
        .where('kind', '=', kind)
        .where('tombstone', '=', '')
        .where((where) =>
          where.or(
            keys.map((key) =>
              where.and([where('namespace', '=', key.namespace), where('name', '=', key.name)]),
            ),
          ),
        )
        .execute();
      return rows.map(objectOf);
    },

    /** One page of live objects. */
    async list(query: ResourceQuery): Promise<ResourcePage> {
      const { limit, after } = query;
      if (query.namespaces?.length === 0) return { items: [] };
      let select = matching(db, query).select(['namespace', 'name', 'object']);
      if (after)
        select = select.where(
          afterPair(sql.ref('namespace'), sql.ref('name'), [after.namespace, after.name]),
        );
      select = select.orderBy('namespace').orderBy('name');
      const rows = await (limit === undefined ? select : select.limit(limit + 1)).execute();
      const items = rows.slice(0, limit).map(objectOf);
      const last = rows[items.length - 1];
      if (limit === undefined || rows.length <= limit || !last) return { items };
      const next = { namespace: last.namespace, name: last.name };
      if (query.labels && query.labels.length > 0) return { items, next };
      const { count } = await matching(db, query)
        .where(afterPair(sql.ref('namespace'), sql.ref('name'), [next.namespace, next.name]))
        .select((builder) => builder.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return { items, next, remaining: Number(count) };
    },

    /** Stores a new object and answers it with its uid and resourceVersion; `AlreadyExists` when the name is taken. */
    create(
      object: ResourceObject,
      { references = [] }: { references?: readonly ResourceKey[] } = {},
    ): Promise<ResourceObject> {
      return atomic(async (tx) => {
        const now = Date.now();
        const { kind } = object;
        const { namespace, name } = object.metadata;
        const uid = object.metadata.uid ?? newId();
        const creationTimestamp = object.metadata.creationTimestamp ?? new Date(now).toISOString();
        const draft = { ...object, metadata: { ...object.metadata, uid, creationTimestamp } };
        await orAlreadyExists(
          tx.db
            .insertInto('resources')
            .values({
              uid,
              kind,
              namespace,
              name,
              tombstone: '',
              resource_version: 0,
              object: JSON.stringify(draft),
              created_at: now,
              updated_at: now,
              deleted_at: null,
            })
            .execute(),
          `${kind} "${name}" already exists in namespace "${namespace}"`,
        );
        await writeLabels(tx.db, draft, uid);
        await writeReferences(tx.db, { uid, kind, namespace, name }, references);
        await writeOwners(tx.db, draft, uid);
        const stored = await recordChange(tx, { type: 'ADDED', object: draft, uid, now });
        await tx.db.updateTable('resources').set(stored.columns).where('uid', '=', uid).execute();
        return stored.object;
      });
    },

    /**
     * Replaces an object whose version is still the expected one; `Conflict` when it is not, `NotFound` when it is gone.
     * Without `references` the recorded ones stay.
     */
    update(
      object: ResourceObject,
      expectedVersion: string,
      { references }: { references?: readonly ResourceKey[] } = {},
    ): Promise<ResourceObject> {
      return atomic(async (tx) => {
        const now = Date.now();
        const key = { kind: object.kind, namespace: object.metadata.namespace, name: object.metadata.name };
        const row = await forUpdate(selectLive(tx.db, key), tx.dialect).executeTakeFirst();
        if (!row)
          throw new ApiError(
            'NotFound',
            `${key.kind} "${key.name}" not found in namespace "${key.namespace}"`,
          );
        assertVersion(row, expectedVersion);
        const previous = objectOf(row);
        const draft = { ...object, metadata: { ...object.metadata, uid: row.uid } };
        if (!sameLabels(previous, draft)) {
          await tx.db.deleteFrom('resource_labels').where('uid', '=', row.uid).execute();
          await writeLabels(tx.db, draft, row.uid);
        }
        if (!sameOwners(previous, draft)) {
          await tx.db.deleteFrom('resource_owners').where('uid', '=', row.uid).execute();
          await writeOwners(tx.db, draft, row.uid);
        }
        if (references) {
          await tx.db.deleteFrom('resource_references').where('uid', '=', row.uid).execute();
          await writeReferences(tx.db, { uid: row.uid, ...key }, references);
        }
        const stored = await recordChange(tx, {
          type: 'MODIFIED',
          object: draft,
          uid: row.uid,
          now,
          previous,
        });
        const { numUpdatedRows } = await tx.db
          .updateTable('resources')
          .set(stored.columns)
          .where('uid', '=', row.uid)
          .where('resource_version', '=', row.resource_version)
          .where('tombstone', '=', '')
          .executeTakeFirst();
        if (numUpdatedRows === 0n) throw conflict(row);
        return stored.object;
      });
    },

    /**
     * Deletes softly: the row stays, the name is free again. Answers the object as it was, with the time and the
     * resourceVersion of its deletion; `undefined` when there is none; `Conflict` when its version is not the expected one.
     */
    delete(
      kind: string,
      namespace: string,
      name: string,
      expectedVersion?: string,
    ): Promise<ResourceObject | undefined> {
      return atomic(async (tx) => {
        const now = Date.now();
        const row = await forUpdate(
          selectLive(tx.db, { kind, namespace, name }),
          tx.dialect,
        ).executeTakeFirst();
        if (!row) return undefined;
        if (expectedVersion !== undefined) assertVersion(row, expectedVersion);
        const previous = objectOf(row);
        const deletionTimestamp = previous.metadata.deletionTimestamp ?? new Date(now).toISOString();
        const draft = { ...previous, metadata: { ...previous.metadata, deletionTimestamp } };
        await tx.db.deleteFrom('resource_labels').where('uid', '=', row.uid).execute();
        await tx.db.deleteFrom('resource_references').where('uid', '=', row.uid).execute();
        await tx.db.deleteFrom('resource_owners').where('uid', '=', row.uid).execute();
        const stored = await recordChange(tx, {
          type: 'DELETED',
          object: draft,
          uid: row.uid,
          now,
          previous,
        });
        await tx.db
          .updateTable('resources')
          .set({ ...stored.columns, tombstone: row.uid, deleted_at: now })
          .where('uid', '=', row.uid)
          .execute();
        return stored.object;
      });
    },

    /** Live objects that refer to this one. */
    async referrers(kind: string, namespace: string, name: string): Promise<ResourceKey[]> {
      return db
        .selectFrom('resource_references')
        .select(['kind', 'namespace', 'name'])
        .distinct()
        .where('target_kind', '=', kind)
        .where('target_namespace', '=', namespace)
        .where('target_name', '=', name)
        .orderBy('kind')
        .orderBy('namespace')
        .orderBy('name')
        .execute();
    },

    /** Live objects that name this uid among their owners. */
    async dependents(ownerUid: string): Promise<ResourceObject[]> {
      const rows = await db
        .selectFrom('resource_owners')
        .innerJoin('resources', 'resources.uid', 'resource_owners.uid')
        .select('resources.object')
        .where('owner_uid', '=', ownerUid)
        .where('resources.tombstone', '=', '')
        .orderBy('resources.uid')
        .execute();
      return rows.map(objectOf);
    },

    /** Some live objects that name an owner which is not there. */
    async orphans(limit: number): Promise<ResourceObject[]> {
      const rows = await db
        .selectFrom('resource_owners')
        .innerJoin('resources', 'resources.uid', 'resource_owners.uid')
        .leftJoin('resources as owners', (join) =>
          join.onRef('owners.uid', '=', 'resource_owners.owner_uid').on('owners.tombstone', '=', ''),
        )
        .select('resources.object')
        .where('resources.tombstone', '=', '')
        .where('owners.uid', 'is', null)
        .limit(limit)
        .execute();
      return rows.map(objectOf);
    },

    /** Some live objects of these kinds in a namespace, as many as `limit`. */
    async inNamespace(
      namespace: string,
      { kinds, limit }: { kinds: readonly string[]; limit: number },
    ): Promise<ResourceObject[]> {
      const rows = await db
        .selectFrom('resources')
        .select('object')
        .where('kind', 'in', kinds)
        .where('tombstone', '=', '')
        .where('namespace', '=', namespace)
        .limit(limit)
        .execute();
      return rows.map(objectOf);
    },

    /** Deletes live objects of a kind that were not touched since `before`, rows and all; answers how many. */
    deleteOlder(kind: string, { before, limit }: { before: number; limit: number }): Promise<number> {
      return atomic(async (tx) => {
        const rows = await tx.db
          .selectFrom('resources')
          .select(['uid', 'namespace', 'name'])
          .where('kind', '=', kind)
          .where('tombstone', '=', '')
          .where('updated_at', '<', before)
          .limit(limit)
          .execute();
        const inner = createResourceRepository(tx);
        for (const { uid, namespace, name } of rows) {
          await inner.delete(kind, namespace, name);
          await tx.db.deleteFrom('resources').where('uid', '=', uid).execute();
        }
        return rows.length;
      });
    },

    /** Number of live objects of a kind, in these namespaces or in all. */
    async count(kind: string, namespaces?: readonly string[]): Promise<number> {
      if (namespaces?.length === 0) return 0;
      const { count } = await matching(db, { kind, ...(namespaces ? { namespaces } : {}) })
        .select((builder) => builder.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return Number(count);
    },
  };
}

type StoredRow = Pick<ResourceTable, 'uid' | 'kind' | 'name' | 'namespace' | 'object' | 'resource_version'>;

function selectLive(db: Kysely<Schema>, { kind, namespace, name }: ResourceKey) {
  return db
    .selectFrom('resources')
    .select(['uid', 'kind', 'namespace', 'name', 'object', 'resource_version'])
    .where('kind', '=', kind)
    .where('tombstone', '=', '')
    .where('namespace', '=', namespace)
    .where('name', '=', name);
}

function matching(
  db: Kysely<Schema>,
  { kind, namespaces, labels = [], fields = {} }: ResourceQuery,
): SelectQueryBuilder<Schema, 'resources', object> {
  let query: SelectQueryBuilder<Schema, 'resources', object> = db
    .selectFrom('resources')
    .where('kind', '=', kind)
    .where('tombstone', '=', '');
  if (namespaces) query = query.where('namespace', 'in', namespaces);
  if (fields.namespace !== undefined) query = query.where('namespace', '=', fields.namespace);
  if (fields.name !== undefined) query = query.where('name', '=', fields.name);
  for (const { key, operator, values } of labels) {
    query = query.where(({ exists, not, selectFrom }) => {
      const label = selectFrom('resource_labels')
        .select('label_key')
        .whereRef('resource_labels.uid', '=', 'resources.uid')
        .where('resource_labels.kind', '=', kind)
        .where('label_key', '=', key);
      const byValue = operator === 'in' || operator === 'notin';
      const found = exists(byValue ? label.where('label_value', 'in', values) : label);
      // As in Kubernetes, `notin` holds for an object that lacks the label.
      return operator === 'in' || operator === 'exists' ? found : not(found);
    });
  }
  return query;
}

function objectOf(row: { object: string }): ResourceObject {
  return readJson<ResourceObject>(row.object);
}

function assertVersion(row: StoredRow, expectedVersion: string): void {
  if (String(row.resource_version) !== expectedVersion) throw conflict(row);
}

function conflict({ kind, name }: StoredRow): ApiError {
  return new ApiError(
    'Conflict',
    `${kind} "${name}" has been changed by somebody else; take the latest version and try again`,
    { details: { kind, name } },
  );
}

function sameLabels(left: ResourceObject, right: ResourceObject): boolean {
  const a = Object.entries(left.metadata.labels ?? {});
  const b = right.metadata.labels ?? {};
  return a.length === Object.keys(b).length && a.every(([key, value]) => b[key] === value);
}

async function writeLabels(
  db: Kysely<Schema>,
  { kind, metadata }: ResourceObject,
  uid: string,
): Promise<void> {
  const rows = Object.entries(metadata.labels ?? {}).map(([label_key, label_value]) => ({
    uid,
    kind,
    namespace: metadata.namespace,
    label_key,
    label_value,
  }));
  if (rows.length > 0) await db.insertInto('resource_labels').values(rows).execute();
}

function sameOwners(left: ResourceObject, right: ResourceObject): boolean {
  return ownersOf(left).join(' ') === ownersOf(right).join(' ');
}

function ownersOf({ metadata }: ResourceObject): string[] {
  return [...new Set((metadata.ownerReferences ?? []).map(({ uid }) => uid))].sort();
}

async function writeOwners(db: Kysely<Schema>, object: ResourceObject, uid: string): Promise<void> {
  const rows = ownersOf(object).map((owner_uid) => ({ uid, owner_uid }));
  if (rows.length > 0) await db.insertInto('resource_owners').ignore().values(rows).execute();
}

async function writeReferences(
  db: Kysely<Schema>,
  referrer: ResourceKey & { uid: string },
  targets: readonly ResourceKey[],
): Promise<void> {
  if (targets.length === 0) return;
  const rows = targets.map((target) => ({
    ...referrer,
    target_kind: target.kind,
    target_namespace: target.namespace,
    target_name: target.name,
  }));
  // The same target may be named twice.
  await db.insertInto('resource_references').ignore().values(rows).execute();
}
