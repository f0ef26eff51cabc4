import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionSpec, SpecMessage } from '@wegent/api';
import { z } from 'zod';

const MAX_ANSWERS = 500;

const Book = z.object({
  answers: z.record(
    z.string(),
    z.object({
      sessionId: z.string(),
      at: z.string().optional().describe('Last entry of the session that belongs to the answer.'),
    }),
  ),
  tips: z.record(z.string(), z.string()).describe('By session: the message that was answered last in it.'),
  told: z.array(z.string()).describe('Messages of people that sessions hold.'),
});
type Book = z.infer<typeof Book>;

/** Which answer of a conversation lies in which session of the agent. */
export interface SessionBook {
  readonly content: Book;
  /** An answer begins in that session: whatever comes after its last answer is this one. */
  begin(sessionId: string, messageId: string): Promise<void>;
  /** An answer has ended, in whatever way. */
  note(
    messageId: string,
    place: { sessionId: string; at: string | undefined; told: string[] },
  ): Promise<void>;
}

/** How a turn begins. */
export interface SessionStart {
  resume?: { sessionId: string; at?: string; fork: boolean };
  /** Messages that the session does not hold, so that the prompt has to. */
  retell: SpecMessage[];
}

/** Opens the book of one Bot. A broken one is an empty one: the history is told again then. */
export async function openSessionBook(homeFolder: string, bot: ExecutionSpec['bot']): Promise<SessionBook> {
  const name = `${bot.namespace ?? 'default'}.${bot.name}`.replaceAll(/[^\w.-]/g, '_');
  const file = join(homeFolder, '.wegent', 'sessions', `${name}.json`);
  let content = await read(file);
  const save = async (next: Book) => {
    content = next;
    await mkdir(dirname(file), { recursive: true });
    await writeFile(`${file}.new`, JSON.stringify(next));
    await rename(`${file}.new`, file);
  };
  return {
    get content() {
      return content;
    },
    begin: (sessionId, messageId) => save({ ...content, tips: { ...content.tips, [sessionId]: messageId } }),
    note: (messageId, { sessionId, at, told }) => {
      const { [messageId]: _old, ...others } = content.answers;
      const answers = [
        ...Object.entries(others),
        [messageId, { sessionId, ...(at === undefined ? {} : { at }) }] as const,
      ].slice(-MAX_ANSWERS);
      const sessions = new Set(answers.map(([, answer]) => answer.sessionId));
      const tips = Object.entries({ ...content.tips, [sessionId]: messageId });
      return save({
        answers: Object.fromEntries(answers),
        tips: Object.fromEntries(tips.filter(([session]) => sessions.has(session))),
        told: [...new Set([...content.told, ...told])].slice(-2 * MAX_ANSWERS),
      });
    },
  };
}

/**
 * Where a turn goes on: in the session of the newest answer of its history that has one; in a fork of it when other
 * answers followed there (after an edit, or another try); in a new one when there is none.
 */
export function planStart(spec: Pick<ExecutionSpec, 'history'>, book: Book): SessionStart {
  const { history } = spec;
  for (const [index, message] of [...history.entries()].toReversed()) {
    const answer = message.role === 'assistant' && message.id !== undefined && book.answers[message.id];
    if (!answer) continue;
    const { sessionId, at } = answer;
    const newest = book.tips[sessionId] === message.id;
    if (!newest && at === undefined) continue;
    const known = new Set(book.told);
    // Of an answer that another member wrote, the session holds what this one said on the way.
    const retell = history
      .slice(message.author === undefined ? index + 1 : index)
      .filter(({ id }) => id === undefined || !known.has(id));
    if (newest) return { resume: { sessionId, fork: false }, retell };
    return { resume: { sessionId, fork: true, ...(at === undefined ? {} : { at }) }, retell };
  }
  return { retell: history };
}

async function read(file: string): Promise<Book> {
  try {
    return Book.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return { answers: {}, tips: {}, told: [] };
  }
}
