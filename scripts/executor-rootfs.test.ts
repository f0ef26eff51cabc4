import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { putInPlace } from './executor-rootfs.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'wegent-rootfs-test-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

it('puts an archive in place and removes those of other recipes', () => {
  const cache = path.join(folder, 'cache');
  mkdirSync(cache);
  const unfinished = path.join(folder, 'rootfs.tar');
  writeFileSync(unfinished, 'new');
  for (const name of ['executor-rootfs-old.tar', 'executor-rootfs-old.tar.new', 'other.tar']) {
    writeFileSync(path.join(cache, name), 'old');
  }
  putInPlace({ unfinished, archive: path.join(cache, 'executor-rootfs-now.tar') });
  expect(readdirSync(cache).sort()).toEqual(['executor-rootfs-now.tar', 'other.tar']);
  expect(readFileSync(path.join(cache, 'executor-rootfs-now.tar'), 'utf8')).toBe('new');
});
