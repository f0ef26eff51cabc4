import { mkdir, readdir, readFile, rm, symlink, writeFile } from 'node:fs/promises';
import { dirname, join, relative } from 'node:path';
import type { ExecutionEvent, SpecAttachment } from '@wegent/api';
import { temporaryFolder } from '@wegent/testing';
import { expect, test } from 'vitest';
import { attachmentsFolder, writeAttachments } from '../src/attachment-files.ts';

const file = (id: string, change: Partial<SpecAttachment> = {}): SpecAttachment => ({
  ...{ id, name: `${id}.bin`, mediaType: 'application/octet-stream', size: 3, blobKey: id },
  ...change,
});

async function write(homeFolder: string, attachments: SpecAttachment[], lost: string[] = []) {
  const events: ExecutionEvent[] = [];
  const read: string[] = [];
  const paths = await writeAttachments(
    {
      homeFolder,
      emit: (event) => void events.push(event),
      signal: new AbortController().signal,
      readBlob: async (key) => {
        read.push(key);
        return lost.includes(key) ? undefined : Buffer.from(`bytes of ${key}`);
      },
    },
    [{ role: 'user', text: '', attachments }],
  );
  const warnings = events.flatMap((event) => (event.type === 'warning' ? [event.message] : []));
  return { paths, read, warnings };
}

test('files lie below HOME by their ids, and are written once', async () => {
  await using folder = await temporaryFolder();
  const first = await write(folder.path, [file('a'), file('b', { name: 'Größe 表.csv' })]);
  const [one = '', two = ''] = [...first.paths.values()];
  expect([...first.paths.keys()]).toEqual(['a', 'b']);
  expect(one).toBe(join(folder.path, '.wegent', 'attachments', 'a', 'a.bin'));
  expect(two.endsWith('/b/Größe 表.csv')).toBe(true);
  expect(await readFile(one, 'utf8')).toBe('bytes of a');
  await writeFile(one, 'changed by the agent');
  const again = await write(folder.path, [file('a'), file('c')]);
  expect(again.read).toEqual(['c']);
  expect(await readFile(again.paths.get('a') ?? '', 'utf8')).toBe('changed by the agent');
});

test.each([
  '../../../.bashrc',
  '/etc/passwd',
  '..',
  '.',
  '',
  '.ssh',
  '-rf',
  'a\0b',
  'a\nb',
  'x'.repeat(1_000),
  '表'.repeat(500),
])('the name %j stays in its folder', async (name) => {
  await using folder = await temporaryFolder();
  const { paths, warnings } = await write(folder.path, [file('a', { name }), file('../../b', { name })]);
  expect(warnings).toEqual([]);
  for (const path of paths.values()) {
    const inside = relative(attachmentsFolder(folder.path), path).split('/');
    expect(inside).toHaveLength(2);
    expect(inside.filter((part) => part === '..' || /^[.-]|\p{C}/u.test(part))).toEqual([]);
  }
  expect(paths.size).toBe(2);
  expect(await readdir(folder.path)).toEqual(['.wegent']);
});

test('what is gone, too large or cannot be written is told, and the others are there', async () => {
  await using folder = await temporaryFolder();
  const image = { mediaType: 'image/png', name: 'gone.png' };
  const { paths, warnings, read } = await write(
    folder.path,
    [file('a'), file('gone'), file('image', image), file('huge', { size: 600 * 1024 * 1024 })],
    ['gone', 'image'],
  );
  expect([...paths.keys()]).toEqual(['a']);
  expect(read).not.toContain('huge');
  expect(warnings).toEqual([
    'The file gone.bin could not be put into the sandbox: it is no longer stored.',
    'The file huge.bin could not be put into the sandbox: the files of this turn are too large together.',
  ]);
  await rm(join(folder.path, '.wegent'), { recursive: true });
  await writeFile(join(folder.path, '.wegent'), 'no folder');
  const blocked = await write(folder.path, [file('a')]);
  expect([blocked.paths.size, blocked.warnings.length]).toEqual([0, 1]);
});

test('a link that the agent has put there is no file of ours', async () => {
  await using folder = await temporaryFolder();
  const place = join(attachmentsFolder(folder.path), 'a', 'a.bin');
  await mkdir(dirname(place), { recursive: true });
  await symlink(join(folder.path, 'nowhere'), place);
  const { paths } = await write(folder.path, [file('a')]);
  expect(await readFile(paths.get('a') ?? '', 'utf8')).toBe('bytes of a');
  expect(await readdir(folder.path)).toEqual(['.wegent']);
});
