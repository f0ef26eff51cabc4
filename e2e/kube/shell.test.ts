import { randomBytes } from 'node:crypto';
import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKubeServer } from '../support/kube-server.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';
import { newPerson, withApiKey } from '../support/person.ts';
import { document, yaml } from './documents.ts';

// Any Task of an agent that works in a sandbox has one, also when its engine is not installed.
const TASK = yaml(document('Task', 'work', { prompt: 'Work.', teamRef: { name: 'coder' } }));

describeWith(['kubectl', 'bubblewrap'], 'kubectl in the sandbox of a Task', () => {
  let resources: AsyncDisposableStack;
  let folder: string;
  let kubectl: Kubectl;
  let reporter: Kubectl;

  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    const { server, admin, cluster } = resources.use(await startKubeServer({ env: { SANDBOX: 'local' } }));
    folder = resources.use(await temporaryFolder()).path;
    kubectl = await createKubectl({
      ...cluster,
      folder: path.join(folder, 'admin'),
      token: admin.token,
      namespace: 'crew',
    });
    const eve = await withApiKey(server.url, await newPerson(server.url, admin, 'eve'));
    reporter = await createKubectl({
      ...cluster,
      folder: path.join(folder, 'eve'),
      token: eve.token,
      namespace: 'crew',
    });
    await kubectl(['create', 'namespace', 'crew']);
    await fetch(`${server.url}/api/v1/namespaces/crew/members/eve`, {
      method: 'PUT',
      headers: { authorization: `Bearer ${admin.token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ role: 'Reporter' }),
    });
    const group = yaml(
      document('Task', 'work', { prompt: 'Work.', teamRef: { name: 'coder' }, participants: ['eve'] }),
    );
    expect((await kubectl(['apply', '-f', '-'], { input: group })).output).toMatch(/created/);
    expect((await kubectl(['apply', '-n', 'default', '-f', '-'], { input: TASK })).output).toMatch(/created/);
  });
  afterAll(() => resources?.disposeAsync());

  test('exec runs a command, with its exit code, its errors and its input', async () => {
    const run = await kubectl(['exec', 'work', '--', 'sh', '-c', 'echo "out $HOME"; echo err >&2; exit 3']);
    expect(run.output).toMatch(/out \/home\/agent/);
    expect(run.output).toMatch(/^err$/m);
    expect(run.code).toBe(3);
    expect((await kubectl(['exec', '-i', 'work', '--', 'cat'], { input: 'one\ntwo\n' })).output).toBe(
      'one\ntwo\n',
    );
    expect((await kubectl(['exec', 'work', '-c', 'other', '--', 'id'])).output).toMatch(
      /container other is not valid/,
    );
  });

  test('cp carries bytes both ways', async () => {
    const bytes = randomBytes(70_000);
    await writeFile(path.join(folder, 'admin', 'there'), bytes);
    expect((await kubectl(['cp', 'there', 'work:/workspace/there'])).code).toBe(0);
    const back = await kubectl(['cp', 'work:/workspace/there', 'back']);
    expect(back.code, back.output).toBe(0);
    expect((await readFile(path.join(folder, 'admin', 'back'))).equals(bytes)).toBe(true);
  });

  test('who only reads gets no shell, nor does who takes no part', async () => {
    expect((await reporter(['logs', 'work'])).code).toBe(0);
    expect((await reporter(['auth', 'can-i', 'create', 'pods', '--subresource=exec'])).output).toMatch(/^no/);
    const refused = await reporter(['exec', 'work', '--', 'id']);
    expect(refused.output).toMatch(/forbidden/i);
    expect(refused.output).not.toMatch(/uid=/);
    expect((await reporter(['exec', '-n', 'default', 'work', '--', 'id'])).output).toMatch(/not found/);
  });
});
