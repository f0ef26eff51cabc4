import { recordChange } from '../change.repository.ts';
import { namespaceObject } from '../namespace-object.ts';
import { createTable, id } from './create-table.ts';
import type { Migration } from './migration.ts';

/** What Kubernetes clients ask for: who owns what, and namespaces as objects that can be watched. */
export const kubernetes: Migration = async ({ db, dialect }) => {
  await createTable(
    { db, dialect },
    {
      name: 'resource_owners',
      columns: { uid: id, owner_uid: id },
      primaryKey: ['uid', 'owner_uid'],
      indexes: { resource_owners_owner: ['owner_uid', 'uid'] },
    },
  );
  // Some may be there already: on MySQL a crash can leave this half done.
  const known = await db.selectFrom('resources').select('name').where('kind', '=', 'Namespace').execute();
  const done = new Set(known.map(({ name }) => name));
  const rows = await db.selectFrom('namespaces').selectAll().orderBy('name').execute();
  for (const row of rows) {
    if (done.has(row.name)) continue;
    const { uid, ...object } = namespaceObject({
      name: row.name,
      type: row.type,
      displayName: row.display_name,
      createdAt: row.created_at,
    });
    const draft = { ...object, metadata: { ...object.metadata, uid } };
    const now = Date.now();
    const stored = await recordChange({ db }, { type: 'ADDED', object: draft, uid, now });
    await db
      .insertInto('resources')
      .values({
        uid,
        kind: 'Namespace',
        namespace: '',
        name: row.name,
        tombstone: '',
        ...stored.columns,
        created_at: row.created_at,
        deleted_at: null,
      })
      .execute();
    const labels = Object.entries(draft.metadata.labels ?? {}).map(([label_key, label_value]) => ({
      uid,
      kind: 'Namespace',
      namespace: '',
      label_key,
      label_value,
    }));
    await db.insertInto('resource_labels').ignore().values(labels).execute();
  }
};
