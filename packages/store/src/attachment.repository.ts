import type { Database } from './database.ts';
import type { AttachmentTable } from './schema.ts';

/** A file that was uploaded. Its bytes are in the blob store under `blobKey`; `text` is what was read out of it. */
export interface AttachmentRow {
  id: string;
  ownerId: string;
  taskId: string | null;
  messageId: string | null;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
  blobKey: string;
  text: string | null;
  createdAt: number;
}

/** Access to attachments. */
export type AttachmentRepository = ReturnType<typeof createAttachmentRepository>;

/** Files of messages. */
export function createAttachmentRepository({ db }: Database) {
  const select = () => db.selectFrom('attachments').selectAll();

  return {
    async insert(row: AttachmentRow): Promise<void> {
      await db
        .insertInto('attachments')
        .values({
          id: row.id,
          owner_id: row.ownerId,
          task_id: row.taskId,
          message_id: row.messageId,
          name: row.name,
          media_type: row.mediaType,
          size: row.size,
          sha256: row.sha256,
          blob_key: row.blobKey,
          text: row.text,
          created_at: row.createdAt,
        })
        .execute();
    },

    async get(id: string): Promise<AttachmentRow | undefined> {
      const row = await select().where('id', '=', id).executeTakeFirst();
      return row && fromTable(row);
    },

    /** Those that exist, oldest first. */
    async getMany(ids: readonly string[]): Promise<AttachmentRow[]> {
      if (ids.length === 0) return [];
      const rows = await select().where('id', 'in', ids).orderBy('created_at').orderBy('id').execute();
      return rows.map(fromTable);
    },

    /** Puts files under a message; those that belong to one already stay there. Answers how many were put. */
    async link(
      ids: readonly string[],
      { taskId, messageId }: { taskId: string; messageId: string },
    ): Promise<number> {
      if (ids.length === 0) return 0;
      const { numUpdatedRows } = await db
        .updateTable('attachments')
        .set({ task_id: taskId, message_id: messageId })
        .where('id', 'in', ids)
        .where('message_id', 'is', null)
        .executeTakeFirst();
      return Number(numUpdatedRows);
    },

    /** Takes the files of a message away from it: they are as they were before it was sent. */
    async unlink(messageId: string): Promise<void> {
      await db
        .updateTable('attachments')
        .set({ task_id: null, message_id: null })
        .where('message_id', '=', messageId)
        .execute();
    },

    async delete(id: string): Promise<void> {
      await db.deleteFrom('attachments').where('id', '=', id).execute();
    },

    /** Files that were uploaded before a time and never sent, oldest first. */
    async unlinkedBefore(time: number, limit: number): Promise<AttachmentRow[]> {
      const rows = await select()
        .where('message_id', 'is', null)
        .where('created_at', '<', time)
        .orderBy('created_at')
        .limit(limit)
        .execute();
      return rows.map(fromTable);
    },
  };
}

function fromTable(row: AttachmentTable): AttachmentRow {
  return {
    id: row.id,
    ownerId: row.owner_id,
    taskId: row.task_id,
    messageId: row.message_id,
    name: row.name,
    mediaType: row.media_type,
    size: row.size,
    sha256: row.sha256,
    blobKey: row.blob_key,
    text: row.text,
    createdAt: row.created_at,
  };
}
