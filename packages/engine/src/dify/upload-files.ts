import type { InputValues, SpecAttachment } from '@wegent/api';
import type { DifyApp, FileRules } from './dify-app.ts';
import type { DifyClient } from './dify-client.ts';

/** A file as Dify wants to hear of it. */
export interface DifyFile {
  type: 'image' | 'document' | 'audio' | 'video' | 'custom';
  transfer_method: 'local_file';
  upload_file_id: string;
}

/** What became of the attachments of a message. */
export interface SentFiles {
  files: DifyFile[];
  /** Values of file fields of the form, by variable; a file that is there is not in `files`. */
  fieldValues: Record<string, unknown>;
  /** These go as text. */
  asText: SpecAttachment[];
  warnings: { code: string; message: string }[];
}

/** Uploads what the application takes as a file; of the rest, documents go as text. */
export async function uploadFiles(given: {
  attachments: readonly SpecAttachment[];
  app: DifyApp;
  params: Record<string, unknown>;
  /** What the person filled in: a file field has the ids of its attachments. */
  values?: InputValues | undefined;
  appName: string;
  client: Pick<DifyClient, 'upload'>;
  readBlob: (key: string) => Promise<Uint8Array | undefined>;
  signal: AbortSignal;
}): Promise<SentFiles> {
  const { app, params, appName } = given;
  const sent: SentFiles = { files: [], fieldValues: {}, asText: [], warnings: [] };
  const fields = app.form.filter(
    ({ control, variable }) => control.startsWith('file') && params[variable] === undefined,
  );
  const warn = (code: string, message: string) => sent.warnings.push({ code, message });
  for (const attachment of given.attachments) {
    const { name, blobKey } = attachment;
    const type = fileType(attachment);
    const isFree = (one: (typeof fields)[number]) =>
      one.control === 'file-list' || sent.fieldValues[one.variable] === undefined;
    const field =
      fields.find((one) => isFree(one) && isFor(given.values, one.variable, attachment.id)) ??
      fields.find((one) => isFree(one) && !isChosen(given.values, one.variable));
    const isFull = app.files.limit !== undefined && sent.files.length >= app.files.limit;
    if (blobKey === undefined || (!field && (isFull || !isTaken(app.files, type, name)))) {
      sent.asText.push(attachment);
      if (attachment.text === undefined)
        warn(
          'FileNotSent',
          `The Dify application “${appName}” ${isFull ? `takes ${app.files.limit} files at once` : 'does not take files of this type'}, so ${name} was left out.`,
        );
      continue;
    }
    const bytes = await given.readBlob(blobKey);
    if (!bytes) {
      warn('AttachmentMissing', `The file ${name} is no longer stored, so it was left out.`);
      continue;
    }
    const id = await given.client.upload({ name, mediaType: attachment.mediaType, bytes }, given.signal);
    const file: DifyFile = { type, transfer_method: 'local_file', upload_file_id: id };
    if (!field) sent.files.push(file);
    else if (field.control === 'file') sent.fieldValues[field.variable] = file;
    else {
      const before = sent.fieldValues[field.variable];
      sent.fieldValues[field.variable] = [...(Array.isArray(before) ? before : []), file];
    }
  }
  return sent;
}

function isFor(values: InputValues | undefined, variable: string, id: string): boolean {
  const chosen = values?.[variable];
  return Array.isArray(chosen) && chosen.includes(id);
}

// A field that the person gave files to takes no others.
function isChosen(values: InputValues | undefined, variable: string): boolean {
  const chosen = values?.[variable];
  return Array.isArray(chosen) && chosen.length > 0;
}

function isTaken({ enabled, types, extensions }: FileRules, type: DifyFile['type'], name: string): boolean {
  if (!enabled) return false;
  if (types.includes(type)) return true;
  return types.includes('custom') && (extensions.length === 0 || extensions.includes(extensionOf(name)));
}

/** Kind of a file by what Dify calls documents. */
export function fileType({ name, mediaType }: Pick<SpecAttachment, 'name' | 'mediaType'>): DifyFile['type'] {
  const [family] = mediaType.split('/');
  if (family === 'image' || family === 'audio' || family === 'video') return family;
  return DOCUMENTS.has(extensionOf(name)) ? 'document' : 'custom';
}

function extensionOf(name: string): string {
  return /\.([^.]+)$/.exec(name)?.[1]?.toLowerCase() ?? '';
}

const DOCUMENTS = new Set(
  'txt md mdx markdown pdf html htm xlsx xls doc docx csv eml msg pptx ppt xml epub vtt properties'.split(
    ' ',
  ),
);
