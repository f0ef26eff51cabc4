import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { createLocalDriver } from '../src/index.ts';
import { processContract, sandboxContract } from './contract.ts';
import { exhaustMemory, STAND_IN } from './stand-in.ts';

describeWith(['bubblewrap'], 'local sandbox driver', () => {
  sandboxContract(open);
  processContract(open);
});

async function open() {
  const folder = await temporaryFolder();
  const root = join(folder.path, 'sandboxes');
  await mkdir(root);
  const reopen = () =>
    createLocalDriver({
      stateFolder: join(folder.path, 'state'),
      nodePath: process.execPath,
      executorFile: STAND_IN,
      enginesFolder: join(folder.path, 'engines'),
    });
  return {
    driver: await reopen(),
    reopen,
    root,
    hanging: { env: { HANG: '1' } },
    breaking: { env: { BREAK: 'as asked' } },
    limitsPids: true,
    exhaustMemory,
    [Symbol.asyncDispose]: () => folder[Symbol.asyncDispose](),
  };
}
