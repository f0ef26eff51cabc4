import type { ExecutionSpec, SpecMessage } from '@wegent/api';
import { attachmentText, saidText } from '../attachments.ts';

/** Characters of earlier messages that go with a message at most; Dify knows its own conversation itself. */
const MAX_EARLIER = 40_000;

/** The words for the application. */
export interface Query {
  text: string;
  /** Messages that there was no room for. */
  dropped: number;
}

/**
 * The message as text, with the earlier ones that the application's conversation does not know: Dify has no forks, so
 * after an edit a new conversation is told what was said. Pure. `asText` are the attachments that go as text.
 */
export function buildQuery(given: {
  spec: Pick<ExecutionSpec, 'history' | 'input' | 'teamPrompt'>;
  /** The last message that it knows; undefined = none. */
  knownUpTo: string | undefined;
  asText: NonNullable<SpecMessage['attachments']>;
}): Query {
  const { history, input } = given.spec;
  const now = [...given.asText.map((file) => attachmentText(file)), saidText(input)]
    .filter(Boolean)
    .join('\n\n');
  const known =
    given.knownUpTo === undefined ? -1 : history.findIndex((message) => message.id === given.knownUpTo);
  const lines: string[] = [];
  let room = MAX_EARLIER;
  const unknown = history
    .slice(known + 1)
    .map(toLine)
    .filter((line) => line !== undefined);
  for (const line of unknown.toReversed()) {
    room -= line.length;
    if (room < 0) break;
    lines.unshift(line);
  }
  // What the Ghost says is the application's own affair; what the Team wants of this member is not.
  const { teamPrompt = '' } = given.spec;
  const told = teamPrompt === '' ? '' : `${teamPrompt}\n\n`;
  if (lines.length === 0 && told === '') return { text: now, dropped: unknown.length };
  if (lines.length === 0)
    return { text: `${told}The message to answer now:\n\n${now}`, dropped: unknown.length };
  return {
    text: `${told}Earlier in this conversation:\n\n${lines.join('\n\n')}\n\nThe message to answer now:\n\n${now}`,
    dropped: unknown.length - lines.length,
  };
}

function toLine(message: SpecMessage): string | undefined {
  const said = [...(message.attachments ?? []).map((file) => attachmentText(file)), saidText(message)]
    .filter(Boolean)
    .join('\n');
  if (said === '') return undefined;
  return message.role === 'assistant' ? `${message.author ?? 'You'}: ${said}` : `User: ${said}`;
}
