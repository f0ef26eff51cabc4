import type { ExecutionEvent, SpecAttachment, SpecMessage } from '@wegent/api';
import { writeAttachments } from '../attachment-files.ts';
import { attachmentText, imageText, isImage, saidText } from '../attachments.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';

/** More images than this in one request are refused. */
const MAX_IMAGES = 20;
/** Characters of earlier messages that are told again where the session does not hold them. */
const MAX_RETOLD = 200_000;

/** What the agent is asked. */
export interface Prompt {
  text: string;
  images: { mediaType: string; data: string }[];
}

/** The input of a turn: what the session does not know of the conversation, files, then what was said. */
export async function buildPrompt(
  turn: Pick<SandboxTurn, 'spec' | 'emit' | 'readBlob' | 'homeFolder' | 'signal'>,
  retell: readonly SpecMessage[],
): Promise<Prompt> {
  const { input, model } = turn.spec;
  const attachments = input.attachments ?? [];
  const sees = model?.capabilities.vision !== false;
  if (!sees && attachments.some(isImage))
    turn.emit(
      warning(
        'ImagesNotSupported',
        `The model “${model?.name}” cannot see images, so they were left out. Choose a model with vision.`,
      ),
    );
  const shown = sees ? attachments.filter(isImage).slice(0, MAX_IMAGES) : [];
  const images: Prompt['images'] = [];
  const paths = await writeAttachments(turn, [...retell, input]);
  const parts = retell.length === 0 ? [] : [retold(retell, paths)];
  for (const attachment of attachments) {
    const image = shown.includes(attachment) ? await readImage(attachment, turn) : undefined;
    const path = paths.get(attachment.id);
    if (image) images.push(image);
    if (!image) parts.push(attachmentText(attachment, path));
    else if (path !== undefined) parts.push(imageText(attachment, path));
  }
  const said = saidText(input);
  if (said !== '' || parts.length === 0) parts.push(said || '(no text)');
  return { text: parts.join('\n\n'), images };
}

async function readImage(
  { name, mediaType, blobKey }: SpecAttachment,
  { emit, readBlob }: Pick<SandboxTurn, 'emit' | 'readBlob'>,
): Promise<Prompt['images'][number] | undefined> {
  const bytes = blobKey === undefined ? undefined : await readBlob(blobKey);
  if (bytes) return { mediaType, data: Buffer.from(bytes).toString('base64') };
  emit(warning('AttachmentMissing', `The image ${name} is no longer stored, so it was left out.`));
  return undefined;
}

function retold(messages: readonly SpecMessage[], paths: ReadonlyMap<string, string>): string {
  const lines: string[] = [];
  let room = MAX_RETOLD;
  for (const message of messages.toReversed()) {
    const files = (message.attachments ?? []).map((file) => attachmentText(file, paths.get(file.id)));
    const who = message.role === 'assistant' ? (message.author ?? 'You') : (message.sender ?? 'The person');
    const line = `${who}: ${[...files, message.text].filter(Boolean).join('\n\n')}`;
    if (line.length > room) break;
    room -= line.length;
    lines.unshift(line);
  }
  return `<conversation-so-far>\n${lines.join('\n\n')}\n</conversation-so-far>`;
}

function warning(code: string, message: string): ExecutionEvent {
  return { type: 'warning', code, message };
}
