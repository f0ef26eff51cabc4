import type { ResourceObject } from '@wegent/api';
import type { Database } from './database.ts';
import { orAlreadyExists } from './database-error.ts';
import { namespaceObject } from './namespace-object.ts';
import { createResourceRepository } from './resource.repository.ts';
import type { NamespaceTable } from './schema.ts';

/** A space of sharing. */
export interface NamespaceRow {
  name: string;
  type: 'public' | 'personal' | 'group';
  ownerId: string | null;
  displayName: string | null;
  createdAt: number;
}

/** What a member may do, from least to most. */
export type NamespaceRole = 'Reporter' | 'Developer' | 'Maintainer' | 'Owner';

/** A member of a namespace. */
export interface NamespaceMember {
  userId: string;
  username: string;
  role: NamespaceRole;
}

/** Access to namespaces. */
export type NamespaceRepository = ReturnType<typeof createNamespaceRepository>;

/** Namespaces and their members. */
export function createNamespaceRepository({ db, atomic }: Database) {
  return {
    /**
     * Stores a namespace with the object that stands for it, and makes its owner a member; `AlreadyExists` when the
     * name is taken. `object` has what its maker wrote on it.
     */
    insert(row: NamespaceRow, object?: ResourceObject): Promise<ResourceObject> {
      return atomic(async (tx) => {
        await orAlreadyExists(
          tx.db
            .insertInto('namespaces')
            .values({
              name: row.name,
              type: row.type,
              owner_id: row.ownerId,
              display_name: row.displayName,
              created_at: row.createdAt,
            })
            .execute(),
          `namespace "${row.name}" already exists`,
        );
        if (row.ownerId !== null)
          await writeMember(tx, { namespace: row.name, userId: row.ownerId, role: 'Owner' });
        const { uid: _uid, ...made } = namespaceObject(row);
        return createResourceRepository(tx).create(object ?? made);
      });
    },

    /** Gives a namespace another name for people. */
    async rename(name: string, displayName: string | null): Promise<void> {
      await db
        .updateTable('namespaces')
        .set({ display_name: displayName })
        .where('name', '=', name)
        .execute();
    },

    /** Removes a namespace with its members and its object. What lies in it is for the caller to remove first. */
    remove(name: string): Promise<void> {
      return atomic(async (tx) => {
        await tx.db.deleteFrom('namespace_members').where('namespace', '=', name).execute();
        await tx.db.deleteFrom('namespaces').where('name', '=', name).execute();
        await createResourceRepository(tx).delete('Namespace', '', name);
      });
    },

    async get(name: string): Promise<NamespaceRow | undefined> {
      const row = await db.selectFrom('namespaces').selectAll().where('name', '=', name).executeTakeFirst();
      return row && fromTable(row);
    },

    /** All namespaces by name, or those of these names that exist. */
    async list(names?: readonly string[]): Promise<NamespaceRow[]> {
      if (names?.length === 0) return [];
      const query = db.selectFrom('namespaces').selectAll().orderBy('name');
      const rows = await (names ? query.where('name', 'in', names) : query).execute();
      return rows.map(fromTable);
    },

    /** The role of a member. */
    async roleOf(namespace: string, userId: string): Promise<NamespaceRole | undefined> {
      const row = await db
        .selectFrom('namespace_members')
        .select('role')
        .where('user_id', '=', userId)
        .where('namespace', '=', namespace)
        .executeTakeFirst();
      return row?.role as NamespaceRole | undefined;
    },

    /** Makes a person a member, or gives a member another role. */
    setMember(namespace: string, userId: string, role: NamespaceRole): Promise<void> {
      return atomic((tx) => writeMember(tx, { namespace, userId, role }));
    },

    async removeMember(namespace: string, userId: string): Promise<void> {
      await db
        .deleteFrom('namespace_members')
        .where('user_id', '=', userId)
        .where('namespace', '=', namespace)
        .execute();
    },

    /** The members of a namespace by name. */
    async members(namespace: string): Promise<NamespaceMember[]> {
      const rows = await db
        .selectFrom('namespace_members')
        .innerJoin('users', 'users.id', 'namespace_members.user_id')
        .select(['namespace_members.user_id', 'users.username', 'namespace_members.role'])
        .where('namespace_members.namespace', '=', namespace)
        .orderBy('users.username_key')
        .execute();
      return rows.map((row) => ({
        userId: row.user_id,
        username: row.username,
        role: row.role as NamespaceRole,
      }));
    },

    /** The namespaces of which a person is a member. */
    async ofUser(userId: string): Promise<{ name: string; role: NamespaceRole }[]> {
      const rows = await db
        .selectFrom('namespace_members')
        .select(['namespace', 'role'])
        .where('user_id', '=', userId)
        .orderBy('namespace')
        .execute();
      return rows.map((row) => ({ name: row.namespace, role: row.role as NamespaceRole }));
    },
  };
}

async function writeMember(
  { db }: Database,
  { namespace, userId, role }: { namespace: string; userId: string; role: NamespaceRole },
): Promise<void> {
  // Insert-or-update has different words on the two databases; these two statements are the same on both.
  await db.insertInto('namespace_members').ignore().values({ namespace, user_id: userId, role }).execute();
  await db
    .updateTable('namespace_members')
    .set({ role })
    .where('user_id', '=', userId)
    .where('namespace', '=', namespace)
    .execute();
}

function fromTable(row: NamespaceTable): NamespaceRow {
  return {
    name: row.name,
    type: row.type as NamespaceRow['type'],
    ownerId: row.owner_id,
    displayName: row.display_name,
    createdAt: row.created_at,
  };
}
