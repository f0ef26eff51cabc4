import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { ExecutionSpec, SpecMessage } from '@wegent/api';
import { z } from 'zod';
import { wegentFolder } from '../skills-folder.ts';

const MAX_ANSWERS = 500;

const Answers = z.record(
  z.string(),
  z.object({
    session: z.string().describe('Session of Agno that holds the answer.'),
    run: z.string().describe('The run in it.'),
    told: z.array(z.string()).default([]).describe('Messages that the session got with this answer.'),
  }),
);
type Answers = z.infer<typeof Answers>;

/** Which answer of a conversation lies in which session of Agno. */
export interface MemoryBook {
  readonly answers: Answers;
  /** The database of the sessions. */
  readonly database: string;
  /** A completed answer; only those are remembered by Agno. */
  note(messageId: string, answer: Answers[string]): Promise<void>;
}

/** Where a turn goes on, and what it has to tell the model of the conversation. */
export interface MemoryPlan {
  follows?: { session: string; run: string };
  retell: SpecMessage[];
}

/**
 * Opens the book of one Bot, below HOME, so that it is archived with it. A broken one is an empty one. What it does as
 * leader of a Team that Agno runs stands in another one: to Agno these are sessions of another kind.
 */
export async function openMemoryBook(
  homeFolder: string,
  { bot, nativeTeam }: Pick<ExecutionSpec, 'bot' | 'nativeTeam'>,
): Promise<MemoryBook> {
  const own = `${bot.namespace ?? 'default'}.${bot.name}`.replaceAll(/[^\w.-]/g, '_');
  const name = nativeTeam ? `${own}@team` : own;
  const folder = join(wegentFolder(homeFolder), 'agno');
  const file = join(folder, `${name}.json`);
  let answers = await read(file);
  return {
    get answers() {
      return answers;
    },
    database: join(folder, `${name}.db`),
    note: async (messageId, answer) => {
      const { [messageId]: _old, ...others } = answers;
      answers = Object.fromEntries(
        [...Object.entries(others), [messageId, answer] as const].slice(-MAX_ANSWERS),
      );
      await mkdir(dirname(file), { recursive: true });
      await writeFile(`${file}.new`, JSON.stringify(answers));
      await rename(`${file}.new`, file);
    },
  };
}

/**
 * A turn follows the newest answer of its history that a session holds; the bridge copies the session up to there when
 * other answers followed (after an edit, or another try). What came after that answer (turns that failed or were
 * stopped, messages of others) has to be told. Pure.
 */
export function planMemory(history: readonly SpecMessage[], answers: Answers): MemoryPlan {
  const index = history.findLastIndex(
    ({ role, id }) => role === 'assistant' && id !== undefined && Object.hasOwn(answers, id),
  );
  const found = answers[history[index]?.id ?? ''];
  if (!found) return { retell: [...history] };
  const told = new Set(found.told);
  return {
    follows: { session: found.session, run: found.run },
    // Of an answer that another member wrote, the session holds what this one said on the way.
    retell: history
      .slice(history[index]?.author === undefined ? index + 1 : index)
      .filter(({ id }) => id === undefined || !told.has(id)),
  };
}

async function read(file: string): Promise<Answers> {
  try {
    return Answers.parse(JSON.parse(await readFile(file, 'utf8')));
  } catch {
    return {};
  }
}
