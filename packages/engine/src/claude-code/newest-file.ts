import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

/** The Markdown file of a folder that was written last, if that was since then. */
export async function newestFile(folder: string, since: number): Promise<string | undefined> {
  const names = await readdir(folder).catch(() => []);
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.md'))
      .map(async (name) => ({ file: join(folder, name), at: (await stat(join(folder, name))).mtimeMs })),
  );
  const [newest] = files.filter(({ at }) => at >= since).toSorted((left, right) => right.at - left.at);
  return newest?.file;
}
