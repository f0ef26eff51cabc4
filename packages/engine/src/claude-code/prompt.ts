import type { ExecutionEvent, ExecutionSpec, SpecMessage } from '@wegent/api';
import { writeAttachments } from '../attachment-files.ts';
import { attachmentText, imageText, isImage, saidText } from '../attachments.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import type { ClaudeContent, ClaudeInput } from './sdk.ts';

/** More images than this in one request are refused. */
const MAX_IMAGES = 20;
/** Characters of earlier messages that are told again where the agent has no session. */
const MAX_RETOLD = 200_000;
/** Commands of Claude Code that people may use; a message that begins with another word and a slash is just text. */
const COMMANDS = /^\/(?:compact|init|review|security-review)\b/;

/** The input of a turn: what the session does not know of the conversation, files, then what was said. */
export async function buildPrompt(given: {
  turn: Pick<SandboxTurn, 'spec' | 'emit' | 'readBlob' | 'homeFolder' | 'signal'>;
  retell: SpecMessage[];
  uuid: string;
}): Promise<ClaudeInput> {
  const { turn, retell, uuid } = given;
  const { input, model } = turn.spec;
  const content: ClaudeContent[] = [];
  const paths = await writeAttachments(turn, [...retell, input]);
  if (retell.length > 0) content.push({ type: 'text', text: retold(retell, paths) });
  const sees = model?.capabilities.vision !== false;
  const attachments = input.attachments ?? [];
  const images = sees ? attachments.filter(isImage) : [];
  for (const image of images.slice(0, MAX_IMAGES)) {
    content.push(await imageBlock(image, turn));
    const path = paths.get(image.id);
    if (path !== undefined) content.push({ type: 'text', text: imageText(image, path) });
  }
  const files = attachments.filter((attachment) => !images.slice(0, MAX_IMAGES).includes(attachment));
  for (const file of files) content.push({ type: 'text', text: attachmentText(file, paths.get(file.id)) });
  if (!sees && attachments.some(isImage))
    turn.emit(
      warning(
        'ImagesNotSupported',
        `The model “${model?.name}” cannot see images, so they were left out. Choose a model with vision.`,
      ),
    );
  const text = saidText(input);
  if (text !== '' || content.length === 0) content.push({ type: 'text', text: text || '(no text)' });
  return inputOf(content, uuid);
}

/** What a person says while the agent works. */
export function steerInput(text: string, uuid: string): ClaudeInput {
  return inputOf([{ type: 'text', text }], uuid);
}

function inputOf(content: ClaudeContent[], uuid: string): ClaudeInput {
  const last = content.at(-1);
  const slash = last?.type === 'text' && last.text.startsWith('/') && !COMMANDS.test(last.text);
  return {
    type: 'user',
    uuid,
    parent_tool_use_id: null,
    message: { role: 'user', content },
    ...(slash ? { client_composed: true } : {}),
  };
}

async function imageBlock(
  { name, mediaType, blobKey }: NonNullable<ExecutionSpec['input']['attachments']>[number],
  { emit, readBlob }: Pick<SandboxTurn, 'emit' | 'readBlob'>,
): Promise<ClaudeContent> {
  const bytes = blobKey === undefined ? undefined : await readBlob(blobKey);
  if (bytes)
    return {
      type: 'image',
      source: { type: 'base64', media_type: mediaType, data: Buffer.from(bytes).toString('base64') },
    };
  emit(warning('AttachmentMissing', `The image ${name} is no longer stored, so it was left out.`));
  return { type: 'text', text: `[Image ${name} was left out.]` };
}

function retold(messages: SpecMessage[], paths: ReadonlyMap<string, string>): string {
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
