import { mkdir, rename, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { ExecutionEvent, SpecAttachment, SpecMessage } from '@wegent/api';
import { isImage } from './attachments.ts';
import type { SandboxTurn } from './sandbox-turn.ts';
import { wegentFolder } from './skills-folder.ts';

/** Bytes that one turn puts on the disk at most. */
const MAX_BYTES = 512 * 1024 * 1024;
const MAX_NAME_BYTES = 200;

/** Where the files of messages lie in a sandbox: outside of the work tree, and kept with HOME. */
export function attachmentsFolder(homeFolder: string): string {
  return join(wegentFolder(homeFolder), 'attachments');
}

/**
 * Writes the files of messages to the disk of the sandbox, where programs find them; gives their paths by id. One that
 * an earlier turn has written stays, also when the agent has changed it. Never rejects: what cannot be written is told.
 */
export async function writeAttachments(
  { homeFolder, readBlob, emit, signal }: Pick<SandboxTurn, 'homeFolder' | 'readBlob' | 'emit' | 'signal'>,
  messages: readonly SpecMessage[],
): Promise<ReadonlyMap<string, string>> {
  const paths = new Map<string, string>();
  let room = MAX_BYTES;
  // The newest first: they are what is spoken of.
  for (const attachment of messages.toReversed().flatMap((message) => message.attachments ?? [])) {
    if (signal.aborted) break;
    const { id, name, blobKey } = attachment;
    const folder = join(attachmentsFolder(homeFolder), safe(id));
    const path = join(folder, safe(name));
    if (paths.has(id) || blobKey === undefined) continue;
    if (await isFile(path)) {
      paths.set(id, path);
      continue;
    }
    try {
      if (attachment.size > room) throw new Error('the files of this turn are too large together');
      const bytes = await readBlob(blobKey);
      if (!bytes) {
        // Of images the prompt tells it.
        if (!isImage(attachment)) emit(missing(attachment, 'it is no longer stored'));
        continue;
      }
      room -= bytes.length;
      await mkdir(folder, { recursive: true });
      // Half a file never has the name of a whole one.
      await writeFile(join(folder, '.new'), bytes);
      await rename(join(folder, '.new'), path);
      paths.set(id, path);
    } catch (cause) {
      emit(missing(attachment, cause instanceof Error ? cause.message : String(cause)));
    }
  }
  return paths;
}

async function isFile(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isFile(),
    () => false,
  );
}

/** A name that stands for itself in any folder and in any command line of a person who quotes nothing but blanks. */
function safe(name: string): string {
  const plain = name.replaceAll(/[\p{C}/\\]/gu, '_').replace(/^[.-]+/, '_');
  let short = plain;
  while (Buffer.byteLength(short) > MAX_NAME_BYTES) short = short.slice(1);
  return short === '' ? 'file' : short;
}

function missing({ name }: SpecAttachment, why: string): ExecutionEvent {
  const message = `The file ${name} could not be put into the sandbox: ${why}.`;
  return { type: 'warning', code: 'AttachmentMissing', message };
}
