import type { ExecutionEvent, ExecutionSpec, SpecAttachment, SpecMessage } from '@wegent/api';
import type { ModelMessage, UserContent } from 'ai';
import { attachmentText, isImage, saidText } from '../attachments.ts';
import { RunFailure } from '../run-failure.ts';
import { inputBudgetOf } from './context-window.ts';
import { fitHistory } from './fit-history.ts';

/** More images than this in one request are refused by some providers; the newest ones count. */
const MAX_IMAGES = 20;

interface Draft {
  message: SpecMessage;
  text: string;
  images: number;
}

/**
 * The messages for the model: history as far as its window reaches, then the current message. What could not be
 * sent is told in `warning` events. Rejects with ContextTooLong when the current message alone is too long.
 */
export async function buildConversation(options: {
  spec: ExecutionSpec;
  model: NonNullable<ExecutionSpec['model']>;
  /** Names, descriptions and schemas of the tools, for the budget. */
  toolText: string;
  emit: (event: ExecutionEvent) => void;
  readBlob: (key: string) => Promise<Uint8Array | undefined>;
}): Promise<ModelMessage[]> {
  const { spec, model, emit } = options;
  const sees = model.capabilities.vision !== false;
  const current = draftOf(spec.input, sees);
  // Providers refuse messages without content; an answer that failed at once is one.
  const history = spec.history
    .map((message) => draftOf(message, sees))
    .filter((draft) => draft.text !== '' || draft.images > 0);
  if (!sees && spec.input.attachments?.some(isImage)) {
    emit(
      warning(
        'ImagesNotSupported',
        `The model “${model.name}” cannot see images, so they were left out. Choose a model with vision.`,
      ),
    );
  }
  const { window, budget } = inputBudgetOf(model);
  const fixed = [{ text: spec.systemPrompt, images: 0 }, { text: options.toolText, images: 0 }, current];
  const fitted = await fitHistory({ fixed, history, budget });
  if (!fitted.fits) throw tooLong(model.name, fitted.fixedTokens, budget);
  if (fitted.dropped > 0) emit(warning('HistoryTrimmed', trimmedText(fitted.dropped, model.name, window)));

  const load = createImageLoader(options);
  const messages: ModelMessage[] = [];
  // Newest first, so that the newest images get the room there is.
  for (const draft of [...fitted.kept, current].toReversed())
    messages.unshift(await toModelMessage(draft, load));
  return messages.slice(
    Math.max(
      0,
      messages.findIndex((message) => message.role === 'user'),
    ),
  );
}

function draftOf(message: SpecMessage, sees: boolean): Draft {
  const attachments = message.attachments ?? [];
  const images = sees ? attachments.filter(isImage).length : 0;
  const files = attachments
    .filter((attachment) => !(sees && isImage(attachment)))
    .map((attachment) => attachmentText(attachment));
  return { message, images, text: [...files, saidText(message)].filter((part) => part !== '').join('\n\n') };
}

type ImageLoader = (attachment: SpecAttachment) => Promise<Uint8Array | undefined>;

function createImageLoader({ emit, readBlob }: Parameters<typeof buildConversation>[0]): ImageLoader {
  let left = MAX_IMAGES;
  return async ({ name, blobKey }) => {
    if (blobKey === undefined || left === 0) return undefined;
    const bytes = await readBlob(blobKey);
    if (bytes === undefined)
      emit(warning('AttachmentMissing', `The image ${name} is no longer stored, so it was left out.`));
    if (bytes !== undefined) left--;
    return bytes;
  };
}

async function toModelMessage({ message, text, images }: Draft, load: ImageLoader): Promise<ModelMessage> {
  if (message.role === 'assistant') return { role: 'assistant', content: text };
  if (images === 0) return { role: 'user', content: text };
  const content: Exclude<UserContent, string> = [];
  for (const attachment of message.attachments?.filter(isImage) ?? []) {
    const data = await load(attachment);
    content.push(
      data
        ? { type: 'file', data, mediaType: attachment.mediaType }
        : { type: 'text', text: `[Image ${attachment.name} was left out.]` },
    );
  }
  if (text !== '') content.push({ type: 'text', text });
  return { role: 'user', content };
}

function warning(code: string, message: string): ExecutionEvent {
  return { type: 'warning', code, message };
}

function trimmedText(dropped: number, model: string, window: number): string {
  const which = dropped === 1 ? 'The oldest message was' : `The ${dropped} oldest messages were`;
  return `${which} left out: the conversation is longer than the ${count(window)} tokens that “${model}” takes.`;
}

function tooLong(model: string, tokens: number, budget: number): RunFailure {
  return new RunFailure({
    reason: 'ContextTooLong',
    message: `Your message is too long for model “${model}”: with instructions and tools it has about ${count(tokens)} tokens, and ${count(budget)} fit. Shorten it or choose a model with a larger window.`,
    retryable: false,
  });
}

function count(value: number): string {
  return value.toLocaleString('en-US');
}
