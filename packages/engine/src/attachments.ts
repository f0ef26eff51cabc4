import type { SpecAttachment, SpecMessage } from '@wegent/api';

/** Does the model get this attachment as an image? */
export function isImage(attachment: SpecAttachment): boolean {
  return (
    attachment.mediaType.startsWith('image/') &&
    attachment.blobKey !== undefined &&
    attachment.text === undefined
  );
}

/** An attachment as text of the message. */
export function attachmentText({ name, mediaType, text }: SpecAttachment): string {
  const label = name.replaceAll(/[\r\n\]]/g, ' ');
  if (text === undefined) return `[File ${label} (${mediaType}) is attached, but you cannot read it.]`;
  return `[File ${label} (${mediaType})]\n${text}\n[End of file ${label}]`;
}

/** What was said, with the name of the person in group chats. */
export function saidText({ sender, text }: SpecMessage): string {
  return sender === undefined || text === '' ? text : `${sender}: ${text}`;
}
