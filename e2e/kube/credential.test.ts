import { execFile } from 'node:child_process';
import path from 'node:path';
import { promisify } from 'node:util';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { expect, test } from 'vitest';
import { commandLine } from '../support/command-line.ts';
import { startKubeServer } from '../support/kube-server.ts';
import { ADMIN_PASSWORD } from '../support/standalone.ts';

describeWith(['kubectl'], 'kubectl with the kubeconfig that wegent writes', () => {
  test('asks wegent for a token, and is refused once wegent has signed out', async () => {
    await using stage = await startKubeServer();
    await using folder = await temporaryFolder();
    const wegent = commandLine(path.join(folder.path, 'config.json'));
    const login = ['login', '--server', stage.server.url, '--username', 'admin', '--password-stdin'];
    expect(await wegent.feed(ADMIN_PASSWORD, ...login)).toMatchObject({ code: 0 });
    const kubeconfig = path.join(folder.path, 'kubeconfig');
    expect(await wegent('kubeconfig', '-o', kubeconfig)).toMatchObject({ code: 0 });
    const kubectl = (...words: string[]) =>
      promisify(execFile)('kubectl', ['--kubeconfig', kubeconfig, '--cache-dir', folder.path, ...words]);
    expect((await kubectl('get', 'teams', '-n', 'public', '-o', 'name')).stdout).toMatch(/\/assistant\n/);
    expect((await kubectl('auth', 'can-i', 'create', 'teams')).stdout).toBe('yes\n');
    await wegent('logout');
    await expect(kubectl('get', 'teams')).rejects.toMatchObject({
      stderr: expect.stringMatching(/wegent login/),
    });
  });
});
