import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { gitEnvironment, startFakeGitHost, startGitHttpServer, temporaryFolder } from '../src/index.ts';

const run = promisify(execFile);

test('what is pushed to an imitated host is a branch of its API', async () => {
  await using git = await startGitHttpServer({ credential: { username: 'inner', password: 'inner' } });
  await using host = await startFakeGitHost({ type: 'github', git });
  await using folder = await temporaryFolder();
  const bare = await git.createRepository('octo/app.git');
  host.addRepository('octo/app', { bare });
  host.addToken('good', 'octo');
  const env = gitEnvironment(folder.path);
  const clone = (token: string, place: string) =>
    run(
      'git',
      [
        'clone',
        '--quiet',
        host.origin.replace('//', `//x-access-token:${token}@`).concat('/octo/app.git'),
        place,
      ],
      {
        cwd: folder.path,
        env,
      },
    );
  await expect(clone('bad', 'refused')).rejects.toThrow();
  await clone('good', 'work');
  await run('git', ['push', '--quiet', 'origin', 'HEAD:refs/heads/wegent/fix'], {
    cwd: `${folder.path}/work`,
    env,
  });

  const answer = await fetch(`${host.origin}/api/v3/repos/octo/app/branches/wegent%2Ffix`, {
    headers: { authorization: 'Bearer good' },
  });
  expect(answer.status).toBe(200);
  expect(await answer.json()).toMatchObject({ commit: { sha: await bare.git('rev-parse', 'main') } });
});
