import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { skillsFolder } from '@wegent/engine/sandbox';
import { describe, expect, test } from 'vitest';
import { finishOf, type Harness, startHarness } from './harness.ts';
import { type ZipEntry, zip } from './zip.ts';

function offer(
  harness: Harness,
  name: string,
  archive: Buffer,
  sha256 = createHash('sha256').update(archive).digest('hex'),
) {
  const blobKey = `skills/${name}.zip`;
  harness.gateway.blobs.set(blobKey, archive);
  return { name, description: name, archive: { blobKey, sha256 } };
}

const SKILL: ZipEntry = { name: 'SKILL.md', data: '---\nname: pdf\n---\n' };

describe('skills', () => {
  test('are unpacked where the engine looks, once, and go when a run does not name them', async () => {
    await using harness = await startHarness();
    const folder = skillsFolder(harness.homeFolder);
    const pdf = offer(
      harness,
      'pdf',
      zip([
        { name: 'pdf/', mode: 0o040755 },
        { ...SKILL, name: 'pdf/SKILL.md' },
        { name: 'pdf/bin/run.sh', data: '#!/bin/sh\n', mode: 0o100755 },
      ]),
    );
    const flat = offer(harness, 'flat', zip([SKILL]));
    const seen: string[] = [];
    harness.script = async () => void seen.push(...(await readdir(folder)));
    expect(finishOf(await harness.turn('t1', { skills: [pdf, flat] })).outcome).toBe('completed');
    expect(seen.toSorted()).toEqual(['flat', 'pdf']);
    expect(await readFile(join(folder, 'pdf/SKILL.md'), 'utf8')).toContain('name: pdf');
    expect((await stat(join(folder, 'pdf/bin/run.sh'))).mode & 0o111).not.toBe(0);
    await mkdir(join(folder, 'of-the-agent'));
    await writeFile(join(folder, 'of-the-agent/SKILL.md'), 'x');
    harness.gateway.seen.length = 0;
    await harness.turn('t2', { skills: [pdf] });
    expect(harness.gateway.seen.filter((line) => line.includes('/blobs/'))).toEqual([]);
    expect((await readdir(folder)).toSorted()).toEqual(['of-the-agent', 'pdf']);
  });

  const bad: [string, ZipEntry[] | Buffer, string][] = [
    ['a name that leads out', [SKILL, { name: '../../escaped', data: 'x' }], 'no name for a file'],
    ['an absolute name', [SKILL, { name: '/tmp/escaped', data: 'x' }], 'no name for a file'],
    ['a backslash', [SKILL, { name: '..\\escaped', data: 'x' }], 'no name for a file'],
    ['a link', [SKILL, { name: 'link', data: '/etc', mode: 0o120777 }], 'link or device'],
    ['a device', [SKILL, { name: 'device', mode: 0o020666 }], 'link or device'],
    ['the same name twice', [SKILL, SKILL], 'there twice'],
    ['a bomb', [SKILL, { name: 'bomb', data: Buffer.alloc(80 * 1024 * 1024) }], 'more than'],
    [
      'a bomb that lies about its size',
      [SKILL, { name: 'bomb', data: Buffer.alloc(80 * 1024 * 1024), claimedSize: 10 }],
      '',
    ],
    [
      'too many files',
      [SKILL, ...Array.from({ length: 2_500 }, (_, index) => ({ name: `f${index}` }))],
      'entries',
    ],
    ['no SKILL.md', [{ name: 'README.md', data: 'x' }], 'no SKILL.md'],
    ['no archive', Buffer.from('not a zip archive at all, but long enough'), 'no zip archive'],
  ];
  test.each(bad)(
    'with %s are refused with a warning, and nothing is written',
    async (_what, entries, words) => {
      await using harness = await startHarness();
      const archive = Buffer.isBuffer(entries) ? entries : zip(entries);
      const events = await harness.turn('t1', { skills: [offer(harness, 'bad', archive)] });
      expect(finishOf(events).outcome).toBe('completed');
      const warning = events.find((event) => event.type === 'warning');
      expect(warning).toMatchObject({
        code: 'skill-unusable',
        message: expect.stringContaining(`The skill bad cannot be used: `),
      });
      expect(JSON.stringify(warning)).toContain(words);
      expect(await readdir(skillsFolder(harness.homeFolder))).toEqual([]);
      expect(await readdir(harness.folder)).not.toContain('escaped');
    },
  );

  test('that are not what was uploaded, or have names that lead out, are refused', async () => {
    await using harness = await startHarness();
    const skills = [
      offer(harness, 'changed', zip([SKILL]), 'a'.repeat(64)),
      offer(harness, '../out', zip([SKILL])),
      { name: 'gone', description: '', archive: { blobKey: 'skills/gone', sha256: 'b'.repeat(64) } },
    ];
    const events = await harness.turn('t1', { skills });
    expect(events.filter((event) => event.type === 'warning')).toHaveLength(3);
    expect(await readdir(skillsFolder(harness.homeFolder))).toEqual([]);
  });
});
