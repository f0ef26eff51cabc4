import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { gitEnvironment } from '../src/bare-repository.ts';
import { describeWith } from '../src/describe-with.ts';
import { startGitHttpServer } from '../src/git-server.ts';
import { startGitSshServer } from '../src/git-ssh-server.ts';
import { temporaryFolder } from '../src/temporary-folder.ts';

const run = promisify(execFile);

test('a git host over HTTP serves those who sign in, both ways, and fails as told', async () => {
  await using folder = await temporaryFolder();
  await using host = await startGitHttpServer({ credential: { username: 'ada', password: 'lovelace' } });
  const repository = await host.createRepository('team/sample.git', { 'a.txt': 'one' });
  const git = (...args: string[]) => run('git', args, { cwd: folder.path, env: gitEnvironment(folder.path) });
  const signedIn = repository.url.replace('http://', 'http://ada:lovelace@');
  await git('clone', '-q', signedIn, 'clone');
  await writeFile(join(folder.path, 'clone', 'b.txt'), 'two');
  await git('-C', 'clone', 'add', '.');
  await git(
    '-C',
    'clone',
    '-c',
    'user.name=Bo',
    '-c',
    'user.email=bo@example.org',
    'commit',
    '-qm',
    'Second',
  );
  await git('-C', 'clone', 'push', '-q', 'origin', 'HEAD:work');
  expect(await repository.git('log', '--format=%an %s', 'work')).toBe('Bo Second\nAda Test First commit');
  await expect(git('ls-remote', repository.url)).rejects.toThrow(/could not read Username/);
  host.mode = 'forbidden';
  await expect(git('ls-remote', signedIn)).rejects.toThrow(/403/);
  host.mode = 'error';
  await expect(git('ls-remote', signedIn)).rejects.toThrow(/500/);
});

describeWith(['sshd'], 'a git host over SSH', () => {
  test('serves the one who has the key, and nobody else', async () => {
    await using folder = await temporaryFolder();
    await using host = await startGitSshServer();
    const repository = await host.createRepository('team/sample.git');
    await writeFile(join(folder.path, 'known_hosts'), host.knownHosts);
    const clone = async (key: string, name: string) => {
      await writeFile(join(folder.path, name), key, { mode: 0o600 });
      const ssh = `ssh -F /dev/null -i ${join(folder.path, name)} -o IdentitiesOnly=yes -o BatchMode=yes -o UserKnownHostsFile=${join(folder.path, 'known_hosts')}`;
      const env = { ...gitEnvironment(folder.path), GIT_SSH_COMMAND: ssh };
      return run('git', ['clone', '-q', repository.url, `clone-${name}`], { cwd: folder.path, env });
    };
    await clone(host.privateKey, 'right');
    await expect(clone(host.strangerKey, 'wrong')).rejects.toThrow(/Permission denied/);
    expect(await host.commands()).toEqual(["git-upload-pack '/team/sample.git'"]);
  });
});
