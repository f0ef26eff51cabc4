import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { temporaryFolder } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { createUnsafeProcessDriver } from '../src/index.ts';
import { type ControlGroups, findControlGroups } from '../src/process/control-groups.ts';
import { findProcess } from '../src/process/process-table.ts';
import { processContract, sandboxContract } from './contract.ts';
import { exhaustMemory, runIn, STAND_IN, TOKEN } from './stand-in.ts';

describe.skipIf(process.platform === 'win32')('unsafe-process sandbox driver', () => {
  sandboxContract(() => open());
  processContract(() => open());

  test('it says that it has no walls', async () => {
    await using under = await open();
    expect(under.driver.isolated).toBe(false);
    expect(under.driver.isolation).toContain('NONE');
  });
});

describe.skipIf(process.platform !== 'linux')('unsafe processes that nothing counts', () => {
  test('what left its session ends with the sandbox; too much memory of the executor is told', async () => {
    await using under = await open(await findControlGroups({ mountInfo: '', ownGroups: '' }));
    const specOf = (id: string) => ({
      id,
      labels: { taskId: '', namespace: '' },
      limits: { memory: '64Mi' },
      folder: join(under.root, id),
      token: TOKEN,
      env: {},
      startMs: 60_000,
    });
    const sandbox = await under.driver.create(specOf('one'));
    await expect(sandbox.memoryBytes()).resolves.toBeUndefined();
    const { stdout } = await runIn(sandbox, 'setsid sleep 1000 > /dev/null 2>&1 & echo $!');
    const pid = Number(stdout);
    expect(await findProcess(pid)).toBeDefined();
    await sandbox.kill();
    expect(await findProcess(pid)).toBeUndefined();
    const hungry = await under.driver.create(specOf('two'));
    exhaustMemory(hungry);
    await expect(hungry.ended).resolves.toMatchObject({ error: { reason: 'SandboxOutOfMemory' } });
  });
});

async function open(groups?: ControlGroups) {
  const folder = await temporaryFolder();
  const root = join(folder.path, 'sandboxes');
  await mkdir(root);
  const reopen = () =>
    createUnsafeProcessDriver({
      stateFolder: join(folder.path, 'state'),
      nodePath: process.execPath,
      executorFile: STAND_IN,
      enginesFolder: join(folder.path, 'engines'),
      ...(groups ? { groups } : {}),
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
