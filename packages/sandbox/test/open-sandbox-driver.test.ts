import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { describeWith, temporaryFolder, waitFor } from '@wegent/testing';
import { describe, expect, test } from 'vitest';
import { openSandboxDriver, probeLocal, type SandboxDriverOptions } from '../src/index.ts';
import { watchDisk } from '../src/process/disk-watch.ts';
import { STAND_IN } from './stand-in.ts';

function optionsOf(dataDir: string, kind: SandboxDriverOptions['kind']): SandboxDriverOptions {
  return {
    kind,
    dataDir,
    enginesFolder: join(dataDir, 'engines'),
    executorFile: STAND_IN,
    nodePath: process.execPath,
    docker: {
      socketPath: join(dataDir, 'no-docker.sock'),
      image: 'none:latest',
      network: 'wegent-test',
      ports: { min: 10_001, max: 10_100 },
    },
  };
}

describe('opening a sandbox driver', () => {
  test('docker that does not answer is a problem, and nothing else is taken in its place', async () => {
    await using folder = await temporaryFolder();
    const opened = await openSandboxDriver(optionsOf(folder.path, 'docker'));
    expect(opened.driver).toBeUndefined();
    expect(opened.problem).toContain('no-docker.sock');
  });

  test('without walls only when asked for by name', async () => {
    await using folder = await temporaryFolder();
    const opened = await openSandboxDriver(optionsOf(folder.path, 'unsafe-process'));
    expect(opened.driver).toMatchObject({ name: 'unsafe-process', isolated: false });
  });

  test('an executor that was not built is a problem', async () => {
    await using folder = await temporaryFolder();
    const opened = await openSandboxDriver({ ...optionsOf(folder.path, 'auto'), executorFile: '' });
    expect(opened.problem).toContain('not built');
  });
});

describeWith(['bubblewrap'], 'opening the local sandbox driver', () => {
  test('auto takes it where docker does not answer; the trial leaves nothing', async () => {
    await using folder = await temporaryFolder();
    const opened = await openSandboxDriver(optionsOf(folder.path, 'auto'));
    expect(opened.problem).toBeUndefined();
    expect(opened.driver).toMatchObject({ name: 'local', isolated: true });
    expect(opened.driver?.isolation).toMatch(/memory limited .*processes limited .*cpu /);
    await expect(readdir(join(folder.path, 'sandbox-state'))).resolves.toEqual(['program']);
  });

  test('a trial that fails tells what bubblewrap said, and what to do', async () => {
    await using folder = await temporaryFolder();
    const probe = await probeLocal({
      stateFolder: join(folder.path, 'state'),
      nodePath: process.execPath,
      // Its folder cannot be shown.
      executorFile: join(folder.path, 'missing/executor.js'),
      enginesFolder: join(folder.path, 'engines'),
    });
    expect(probe).toMatchObject({
      ok: false,
      problem: expect.stringMatching(/do not work here \(.*missing.*\): /s),
    });
  });
});

test('a folder whose files cannot be counted in time counts as full', async () => {
  await using folder = await temporaryFolder();
  let said = '';
  using _watch = watchDisk({
    folders: [folder.path, '/usr'],
    limitBytes: 1e15,
    onFull: (message) => {
      said = message;
    },
    times: { pauseMs: 1, lookMs: 1 },
  });
  await waitFor(() => said, { what: 'the watch to give up' });
  expect(said).toMatch(/so many files that they cannot be counted/);
});
