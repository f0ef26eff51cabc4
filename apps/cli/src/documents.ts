import { readdir, readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';
import { CommandError, EXIT } from './failure.ts';

/** A document and where it stands, for messages. */
export interface SourceDocument {
  source: string;
  document: unknown;
}

const EXTENSIONS = new Set(['.yaml', '.yml', '.json']);

/**
 * Reads YAML or JSON documents from files, folders (`recursive`: with those below) and `-`, the standard input. Throws,
 * naming file and line, when one cannot be parsed: then nothing has been sent.
 */
export async function readDocuments(
  places: readonly string[],
  { recursive = false }: { recursive?: boolean } = {},
): Promise<SourceDocument[]> {
  if (places.length === 0) throw new CommandError('say what to read: -f FILE, -f FOLDER or -f -', EXIT.usage);
  const files = (await Promise.all(places.map((place) => filesOf(place, recursive)))).flat();
  const documents = (await Promise.all(files.map(readFileDocuments))).flat();
  if (documents.length === 0) throw new CommandError(`no document in ${places.join(', ')}`, EXIT.usage);
  return documents;
}

async function filesOf(place: string, recursive: boolean): Promise<string[]> {
  if (place === '-') return ['-'];
  const found = await stat(place).catch(() => undefined);
  if (!found) throw new CommandError(`${place}: there is no such file or folder`, EXIT.usage);
  if (!found.isDirectory()) return [place];
  const entries = await readdir(place, { withFileTypes: true, recursive });
  const files = entries
    .filter((entry) => entry.isFile() && EXTENSIONS.has(path.extname(entry.name)))
    .map((entry) => path.join(entry.parentPath, entry.name))
    .sort();
  if (files.length === 0) throw new CommandError(`${place}: no .yaml, .yml or .json in it`, EXIT.usage);
  return files;
}

async function readFileDocuments(file: string): Promise<SourceDocument[]> {
  const source = file === '-' ? 'standard input' : file;
  const content = file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  const parsed = parseAllDocuments(content);
  return [...parsed].flatMap((part) => {
    const [problem] = part.errors;
    if (problem) throw new CommandError(`${source}: ${problem.message}`, EXIT.usage);
    const document: unknown = part.toJS({ maxAliasCount: 100 });
    // A comment between two separators is no document.
    if (document === null) return [];
    if (typeof document !== 'object' || !('kind' in document))
      throw new CommandError(`${source}: a document in it has no kind`, EXIT.usage);
    return [{ source, document }];
  });
}
