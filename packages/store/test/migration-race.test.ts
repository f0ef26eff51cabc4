import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describeWith, startMariaDb, temporaryFolder } from '@wegent/testing';
import { describe, expect, test } from 'vitest';

const INDEX = fileURLToPath(new URL('../src/index.ts', import.meta.url));
const PROCESSES = 4;

/** Opens the database in several processes at once and answers how each of them ended. */
async function openInProcesses(url: string): Promise<(string | null)[]> {
  const program = `
    const { openStore } = await import(${JSON.stringify(INDEX)});
    const store = await openStore({ url: ${JSON.stringify(url)} });
    await store.settings.set('opened-' + process.pid, true);
    await store.close();`;
  return Promise.all(
    Array.from({ length: PROCESSES }, async () => {
      const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
        stdio: ['ignore', 'ignore', 'pipe'],
      });
      let complaint = '';
      child.stderr.on('data', (chunk) => {
        complaint += String(chunk);
      });
      const [code] = await once(child, 'close');
      return code === 0 ? null : complaint;
    }),
  );
}

const allFine = Array.from({ length: PROCESSES }, () => null);

describe('SQLite', () => {
  test('processes that start at once on a new file all succeed', async () => {
    await using folder = await temporaryFolder();
    expect(await openInProcesses(`sqlite:${join(folder.path, 'new.db')}`)).toEqual(allFine);
  }, 60_000);
});

describeWith(['mariadb'], 'MariaDB', () => {
  test('processes that start at once on an empty database all succeed', async () => {
    await using server = await startMariaDb();
    expect(await openInProcesses(await server.createDatabase())).toEqual(allFine);
  }, 120_000);
});
