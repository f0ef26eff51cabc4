import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readDocuments } from './documents.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'wegent-cli-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

test('reads all documents of a folder in the order of its files', async () => {
  await writeFile(path.join(folder, 'b.yaml'), 'kind: B\n---\n# nothing\n---\nkind: C\n');
  await writeFile(path.join(folder, 'a.json'), '{"kind":"A"}');
  await writeFile(path.join(folder, 'notes.txt'), 'no document');
  await mkdir(path.join(folder, 'below'));
  await writeFile(path.join(folder, 'below/d.yml'), 'kind: D');
  const kinds = async (recursive: boolean) =>
    (await readDocuments([folder], { recursive })).map(({ document }) => document);
  expect(await kinds(false)).toEqual([{ kind: 'A' }, { kind: 'B' }, { kind: 'C' }]);
  expect(await kinds(true)).toHaveLength(4);
});

test('names file and line of what cannot be parsed', async () => {
  const file = path.join(folder, 'bad.yaml');
  await writeFile(file, 'kind: A\n---\nkind: [');
  await expect(readDocuments([file])).rejects.toThrow(/bad\.yaml: .*line 3/);
});

test.each([
  ['nowhere.yaml', /no such file/],
  ['', /no \.yaml/],
])('"%s" is refused', async (name, message) => {
  await expect(readDocuments([path.join(folder, name)])).rejects.toThrow(message);
});

test('names the file of what is no object of ours', async () => {
  const file = path.join(folder, 'package.json');
  await writeFile(file, '{"name": "x"}');
  await expect(readDocuments([file])).rejects.toThrow(/package\.json: a document in it has no kind/);
});

test('a bomb of aliases is refused', async () => {
  const file = path.join(folder, 'bomb.yaml');
  const lines = ['a0: &a0 [x]'];
  for (let depth = 1; depth < 12; depth += 1)
    lines.push(
      `a${depth}: &a${depth} [${Array(10)
        .fill(`*a${depth - 1}`)
        .join(',')}]`,
    );
  await writeFile(file, lines.join('\n'));
  await expect(readDocuments([file])).rejects.toThrow(/alias/i);
});
