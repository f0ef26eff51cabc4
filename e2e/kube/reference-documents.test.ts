import { copyFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describeWith, temporaryFolder } from '@wegent/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { startKubeServer } from '../support/kube-server.ts';
import { createKubectl, type Kubectl } from '../support/kubectl.ts';
import { document, yaml } from './documents.ts';
import { REFERENCE_DOCUMENTS, REFERENCE_NAMES } from './reference-documents.ts';

describeWith(['kubectl'], 'documents of the reference system, by kubectl', () => {
  let resources: AsyncDisposableStack;
  let kubectl: Kubectl;
  let folder: string;

  beforeAll(async () => {
    resources = new AsyncDisposableStack();
    const { admin, cluster } = resources.use(await startKubeServer());
    folder = resources.use(await temporaryFolder()).path;
    kubectl = await createKubectl({ ...cluster, folder, token: admin.token, namespace: 'default' });
  });
  afterAll(() => resources?.disposeAsync());

  const all = (word: string) => REFERENCE_NAMES.map((name) => `${name} ${word}\n`).join('');
  const apply = (input: string, ...flags: string[]) => kubectl(['apply', '-f', '-', ...flags], { input });

  async function field(name: string, path: string): Promise<string> {
    const { output } = await kubectl(['get', name, '-o', `jsonpath={${path}}`]);
    return output;
  }

  test('are applied as they are; the second time nothing is changed', async () => {
    expect((await apply(REFERENCE_DOCUMENTS)).output).toBe(all('created'));
    const versions = await kubectl(['get', 'agents', '-o', 'jsonpath={.items[*].metadata.resourceVersion}']);
    expect((await apply(REFERENCE_DOCUMENTS)).output).toBe(all('unchanged'));
    const diff = await kubectl(['diff', '-f', '-'], { input: REFERENCE_DOCUMENTS });
    expect(diff).toEqual({ output: '', code: 0 });
    expect((await apply(REFERENCE_DOCUMENTS, '--dry-run=server')).output).toBe(
      all('unchanged (server dry run)'),
    );
    expect((await apply(REFERENCE_DOCUMENTS)).output).toBe(all('unchanged'));
    expect(await kubectl(['get', 'agents', '-o', 'jsonpath={.items[*].metadata.resourceVersion}'])).toEqual(
      versions,
    );
  });

  test('a drift is seen, and repaired', async () => {
    const team = 'team/dev-team';
    const drift = '{"spec":{"collaborationModel":"route","description":"other"}}';
    await kubectl(['patch', team, '--type=merge', '-p', drift]);
    expect(await field(team, '.spec.collaborationModel')).toBe('route');
    const diff = await kubectl(['diff', '-f', '-'], { input: REFERENCE_DOCUMENTS });
    expect(diff.code).toBe(1);
    expect(diff.output).toMatch(/^-\s+collaborationModel: route$/m);
    expect(diff.output).toMatch(/^\+\s+mode: pipeline$/m);
    const repaired = await apply(REFERENCE_DOCUMENTS);
    expect(repaired.output).toBe(all('unchanged').replace('dev-team unchanged', 'dev-team configured'));
    expect((await apply(REFERENCE_DOCUMENTS)).output).toBe(all('unchanged'));
    expect(await field(team, '.spec.workflow.mode')).toBe('pipeline');
    expect((await kubectl(['get', 'teams'])).output).toMatch(/dev-team +pipeline/);
  });

  test('what is taken out of a document goes', async () => {
    const shorter = REFERENCE_DOCUMENTS.replace(/ {2}workflow:\n {4}mode: pipeline\n/, '')
      .replace('  displayName: Developers\n', '')
      .replace('      DISABLE_TELEMETRY: true\n', '');
    await apply(shorter);
    expect((await apply(shorter)).output).toBe(all('unchanged'));
    expect((await kubectl(['get', 'teams'])).output).toMatch(/dev-team +solo/);
    expect((await kubectl(['get', 'team', 'dev-team', '-o', 'yaml'])).output).not.toContain('Developers"');
    expect(await field('model/dev-model', '.spec.modelConfig.env.DISABLE_TELEMETRY')).toBe('');
    await apply(REFERENCE_DOCUMENTS);
  });

  test('what was read is accepted back: edit, replace, apply', async () => {
    const edited = await kubectl(['edit', 'team', 'dev-team'], {
      env: { KUBE_EDITOR: 'sed -i s/mode:.pipeline/mode:\\ route/' },
    });
    expect(edited.output).toMatch(/edited/);
    expect((await kubectl(['get', 'teams'])).output).toMatch(/dev-team +route/);
    await apply(REFERENCE_DOCUMENTS);
    expect((await kubectl(['get', 'team', 'dev-team', '-o', 'yaml'])).output).toContain('mode: pipeline');
    // kubectl itself validates a list, by the published schema.
    for (const verb of ['apply', 'replace']) {
      const { output } = await kubectl(['get', 'ghosts,models,shells,bots', '-o', 'yaml']);
      expect(output).toContain('runtime: ClaudeCode');
      const written = await kubectl([verb, '-f', '-'], { input: output });
      expect(written.code, written.output).toBe(0);
    }
    await apply(REFERENCE_DOCUMENTS);
    expect((await apply(REFERENCE_DOCUMENTS)).output).toBe(all('unchanged'));
  });

  test('from client-side to server-side apply; the second time nothing is written', async () => {
    const version = () => field('team/dev-team', '.metadata.resourceVersion');
    expect((await apply(REFERENCE_DOCUMENTS, '--server-side')).output).toBe(all('serverside-applied'));
    const before = await version();
    expect((await apply(REFERENCE_DOCUMENTS, '--server-side')).output).toBe(all('serverside-applied'));
    expect(await version()).toBe(before);
    expect((await kubectl(['get', 'teams'])).output).toMatch(/dev-team +pipeline/);
  });

  test('kustomize renames what documents refer to', async () => {
    const file = new URL('../../deploy/kustomize/wegent-references.yaml', import.meta.url);
    await copyFile(file, path.join(folder, 'wegent-references.yaml'));
    await writeFile(path.join(folder, 'agents.yaml'), REFERENCE_DOCUMENTS);
    const kustomization = {
      resources: ['agents.yaml'],
      configurations: ['wegent-references.yaml'],
      namePrefix: 'test-',
      namespace: 'staging',
      // Otherwise Bots come before what they refer to.
      sortOptions: { order: 'fifo' },
    };
    await writeFile(path.join(folder, 'kustomization.yaml'), yaml(kustomization));
    await kubectl(['create', 'namespace', 'staging']);
    const renamed = (word: string) => all(word).replaceAll('/', '/test-');
    // kubectl logs that it heeds the order.
    const applied = async () => (await kubectl(['apply', '-k', '.'])).output.replace(/^I\d{4}.*\n/gm, '');
    expect(await applied()).toBe(renamed('created'));
    expect(await applied()).toBe(renamed('unchanged'));
    const wanted = [
      'wait',
      '--for=condition=Ready',
      'bot/test-dev-bot',
      'team/test-dev-team',
      '-n',
      'staging',
    ];
    expect((await kubectl([...wanted, '--timeout=10s'])).code).toBe(0);
    const references = ['get', 'bot', 'test-dev-bot', '-n', 'staging', '-o', 'jsonpath={.spec.*.name}'];
    const names = (await kubectl(references)).output.split(' ').toSorted();
    expect(names).toEqual(['test-dev-ghost', 'test-dev-model', 'test-dev-shell']);
  });

  test('an ApplySet prunes what its folder does not hold any more', async () => {
    const set = ['apply', '-n', 'staging', '--prune', '--applyset=configmaps/set', '-f', '-'];
    const run = (...names: string[]) =>
      kubectl(set, {
        input: yaml(...names.map((name) => document('Ghost', name, { systemPrompt: 'x' }))),
        env: { KUBECTL_APPLYSET: 'true' },
      });
    expect((await run('one', 'two')).output).toMatch(/one created\n.*two created/);
    expect((await run('one', 'two')).output).toMatch(/one unchanged\n.*two unchanged/);
    expect((await run('one')).output).toMatch(/one unchanged\n.*two pruned/);
    expect((await kubectl(['get', 'gh', 'two', '-n', 'staging'])).output).toMatch(/not found/);
  });

  test('a key in a document is a change each time, and writes nothing', async () => {
    const env = { model: 'openai', model_id: 'm', api_key: 'sk-never-shown' };
    const input = yaml(document('Model', 'keyed', { modelConfig: { env } }));
    expect((await apply(input)).output).toMatch(/keyed created/);
    const version = await field('model/keyed', '.metadata.resourceVersion');
    expect((await apply(input)).output).toMatch(/keyed configured/);
    expect(await field('model/keyed', '.metadata.resourceVersion')).toBe(version);
    expect(await kubectl(['diff', '-f', '-'], { input })).toEqual({ output: '', code: 0 });
    expect((await kubectl(['get', 'model', 'keyed', '-o', 'yaml'])).output).not.toContain('sk-never');
  });
});
