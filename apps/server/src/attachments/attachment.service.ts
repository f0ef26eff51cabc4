import type { Readable } from 'node:stream';
import { ApiError, type AttachmentInfo } from '@wegent/api';
import type { BlobStore } from '@wegent/blob';
import { type AttachmentRow, newId, type Store } from '@wegent/store';
import type { Principal } from '../auth/principal.ts';
import { attachmentType } from './attachment-type.ts';
import { extractText } from './extract-text.ts';
import { cleanFileName } from './file-name.ts';

const UNSENT_MS = 24 * 60 * 60 * 1000;
const CLEANUP_BATCH = 200;

/** Files of messages, see `createAttachmentService`. */
export type AttachmentService = ReturnType<typeof createAttachmentService>;

/** Files that people send with messages: uploaded first, linked when the message is sent. */
export function createAttachmentService({
  store,
  blobs,
  maxBytes,
  now = Date.now,
}: {
  store: Store;
  blobs: BlobStore;
  /** Bytes of one file. */
  maxBytes: number;
  now?: () => number;
}) {
  /** A file that the principal uploaded, or that belongs to a task of theirs; others do not exist for them. */
  async function visible(principal: Principal, id: string): Promise<AttachmentRow> {
    const row = await store.attachments.get(id);
    const mine = row?.ownerId === principal.userId;
    const shared =
      row && !mine && row.taskId !== null && (await store.tasks.isMember(row.taskId, principal.userId));
    if (!row || !(mine || shared)) throw missing([id]);
    return row;
  }

  async function remove(row: AttachmentRow): Promise<void> {
    await store.attachments.delete(row.id);
    await blobs.delete(row.blobKey);
  }

  return {
    maxBytes,

    /** Keeps an uploaded file. Throws `UnsupportedMediaType`, `RequestEntityTooLarge` or, for an empty one, `BadRequest`. */
    async upload(
      principal: Principal,
      file: { name: string | undefined; content: Uint8Array },
    ): Promise<AttachmentInfo> {
      const name = cleanFileName(file.name);
      const { content } = file;
      if (content.length === 0) throw new ApiError('BadRequest', `"${name}" is empty`);
      if (content.length > maxBytes) throw tooLarge(name, maxBytes);
      const mediaType = await attachmentType(name, content);
      const text = await extractText(mediaType, content);
      const id = newId();
      const blobKey = `attachments/${id}`;
      const { size, sha256 } = await blobs.put(blobKey, content);
      const row = {
        id,
        ownerId: principal.userId,
        taskId: null,
        messageId: null,
        name,
        mediaType,
        size,
        sha256,
        blobKey,
        text,
        createdAt: now(),
      };
      await store.attachments.insert(row);
      return infoOf(row);
    },

    /** A file and its content. */
    async open(principal: Principal, id: string): Promise<{ info: AttachmentInfo; content: Readable }> {
      const row = await visible(principal, id);
      const content = await blobs.get(row.blobKey);
      if (!content) throw missing([id]);
      return { info: infoOf(row), content };
    },

    /** Removes a file that was not sent yet. */
    async delete(principal: Principal, id: string): Promise<void> {
      const row = await visible(principal, id);
      if (row.ownerId !== principal.userId) {
        throw new ApiError('Forbidden', 'only the person who uploaded a file can remove it');
      }
      if (row.messageId !== null)
        throw new ApiError('Conflict', 'the file belongs to a message and stays with it');
      await remove(row);
    },

    /** The files that go with a new message, in the order given: the principal's own, and not sent before. */
    async forMessage(principal: Principal, ids: readonly string[]): Promise<AttachmentRow[]> {
      const wanted = [...new Set(ids)];
      const rows = (await store.attachments.getMany(wanted)).filter(
        (row) => row.ownerId === principal.userId,
      );
      const found = new Map(rows.map((row) => [row.id, row]));
      const absent = wanted.filter((id) => !found.has(id));
      if (absent.length > 0) throw missing(absent);
      const sent = rows.find((row) => row.messageId !== null);
      if (sent)
        throw new ApiError(
          'Conflict',
          `the file "${sent.name}" was sent with another message; upload it again`,
        );
      return wanted.map((id) => found.get(id)).filter((row) => row !== undefined);
    },

    /** Removes uploads that were not sent within a day. */
    async removeUnsent(): Promise<void> {
      const rows = await store.attachments.unlinkedBefore(now() - UNSENT_MS, CLEANUP_BATCH);
      for (const row of rows) await remove(row);
    },
  };
}

/** The error for a file over the limit. */
export function tooLarge(name: string, maxBytes: number): ApiError {
  const limit = maxBytes >= 1024 * 1024 ? `${Math.floor(maxBytes / 1024 / 1024)} MB` : `${maxBytes} bytes`;
  return new ApiError('RequestEntityTooLarge', `"${name}" is larger than ${limit}`);
}

function infoOf({ id, name, mediaType, size }: AttachmentRow): AttachmentInfo {
  return { id, name, mediaType, size };
}

function missing(ids: readonly string[]): ApiError {
  return new ApiError(
    'NotFound',
    `attachment ${ids.map((id) => `"${id.slice(0, 100)}"`).join(', ')} not found`,
  );
}
