import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { createUnsafeProcessDriver } from '../src/index.ts';
import { processContract, sandboxContract } from './contract.ts';
import { exhaustMemory, STAND_IN } from './stand-in.ts';

describe.skipIf(process.platform === 'win32')('unsafe-process sandbox driver', () => {
  sandboxContract(open);
  processContract(open);

  test('it says that it has no walls', async () => {
    await using under = await open();
    expect(under.driver.isolated).toBe(false);
    expect(under.driver.isolation).toContain('NONE');
  });
});

async function open() {
  const folder = await temporaryFolder();
  const root = join(folder.path, 'sandboxes');
  await mkdir(root);
  const reopen = () =>
    createUnsafeProcessDriver({
      stateFolder: join(folder.path, 'state'),
      nodePath: process.execPath,
      executorFile: STAND_IN,
      enginesFolder: join(folder.path, 'engines'),
    });
  const driver = await reopen();
  return {
    driver,
    reopen,
    root,
    hanging: { env: { HANG: '1' } },
    breaking: { env: { BREAK: 'as asked' } },
    limitsPids: /pids.* limited by control groups/.test(driver.isolation),
    exhaustMemory,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
