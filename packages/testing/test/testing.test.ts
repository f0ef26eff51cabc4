import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, test } from 'vitest';
import {
  describeWith,
  findProgram,
  freePort,
  missingRequirements,
  startRedis,
  temporaryFolder,
  waitFor,
} from '../src/index.ts';

describe('temporaryFolder', () => {
  test('is removed with its content at the end of the scope', async () => {
    let path: string;
    {
      await using folder = await temporaryFolder();
      path = folder.path;
      await writeFile(join(path, 'file'), 'x');
    }
    expect(existsSync(path)).toBe(false);
  });
});

describe('freePort', () => {
  test('can be listened on', async () => {
    const server = createServer().listen(await freePort(), '127.0.0.1');
    await once(server, 'listening');
    server.close();
  });
});

describe('waitFor', () => {
  test('gives what the condition gives', async () => {
    let asked = 0;
    await expect(waitFor(() => (++asked < 3 ? undefined : 'yes'), { what: 'the third time' })).resolves.toBe(
      'yes',
    );
  });

  test('says what it waited for, with the last error as the cause', async () => {
    const cause = new Error('not yet');
    const waiting = waitFor(() => Promise.reject(cause), { what: 'a miracle', timeoutMs: 20 });
    await expect(waiting).rejects.toMatchObject({ message: 'waited 20 ms for a miracle', cause });
  });
});

describe('requirements', () => {
  test('programs are found by their name', () => {
    expect(findProgram('no-such-program', 'sh')).toMatch(/\/sh$/);
    expect(findProgram('no-such-program')).toBeUndefined();
  });

  test('nothing is missing where nothing is needed', () => {
    expect(missingRequirements([])).toEqual([]);
  });
});

describeWith(['redis-server'], 'startRedis', () => {
  test('keeps its data over kill and restart', async () => {
    await using server = await startRedis({ private: true });
    const write = new Redis(server.url);
    await write.set('key', 'value');
    write.disconnect();
    await server.kill();
    await server.restart();
    const read = new Redis(server.url);
    await expect(read.get('key')).resolves.toBe('value');
    read.disconnect();
  });
});
