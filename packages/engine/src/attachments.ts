import type { SpecAttachment, SpecMessage } from '@wegent/api';

/** Does the model get this attachment as an image? */
export function isImage(attachment: SpecAttachment): boolean {
  return (
    attachment.mediaType.startsWith('image/') &&
    attachment.blobKey !== undefined &&
    attachment.text === undefined
  );
}

/** An attachment as text of the message; `path` is where it lies, for agents that have a disk. */
export function attachmentText({ name, mediaType, text }: SpecAttachment, path?: string): string {
  const label = name.replaceAll(/[\r\n\]]/g, ' ');
  const place = path === undefined ? '' : ` at ${path}`;
  if (text !== undefined) return `[File ${label} (${mediaType})${place}]\n${text}\n[End of file ${label}]`;
  if (place !== '') return `[File ${label} (${mediaType}) is attached and lies${place}]`;
  return `[File ${label} (${mediaType}) is attached, but you cannot read it.]`;
}

/** What stands beside an image that the model is shown. */
export function imageText({ name }: SpecAttachment, path: string): string {
  return `[The image ${name.replaceAll(/[\r\n\]]/g, ' ')} lies at ${path}]`;
}

/** What was said, with the name of the person in group chats. */
export function saidText({ sender, text }: SpecMessage): string {
  return sender === undefined || text === '' ? text : `${sender}: ${text}`;
}
