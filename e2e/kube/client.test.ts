import {
  KubeConfig,
  type KubernetesObject,
  KubernetesObjectApi,
  makeInformer,
  PatchStrategy,
  Watch,
} from '@kubernetes/client-node';
import { openStore } from '@wegent/store';
import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type KubeServer, startKubeServer } from '../support/kube-server.ts';

const GHOSTS = '/apis/agent.wecode.io/v1/namespaces/default/ghosts';

interface Ghost extends KubernetesObject {
  spec: { systemPrompt: string };
}

describe('@kubernetes/client-node', () => {
  let stage: KubeServer;
  let config: KubeConfig;
  let api: KubernetesObjectApi;

  beforeAll(async () => {
    stage = await startKubeServer();
    const { cluster, admin } = stage;
    config = new KubeConfig();
    config.loadFromOptions({
      clusters: [{ name: 'c', server: cluster.server, caData: cluster.authority }],
      users: [{ name: 'u', token: admin.token }],
      contexts: [{ name: 'x', cluster: 'c', user: 'u', namespace: 'default' }],
      currentContext: 'x',
    });
    api = KubernetesObjectApi.makeApiClient(config);
  });
  afterAll(() => stage?.[Symbol.asyncDispose]());

  test('creates, reads, lists, patches in four ways, replaces and deletes', async () => {
    const made = await api.create(ghost('typed', 'One.'));
    expect(made.metadata?.uid).toBeTruthy();
    await expect(api.create(ghost('typed', 'One.'))).rejects.toMatchObject({ code: 409 });
    const read = await api.read<Ghost>({
      ...ghost('typed', ''),
      metadata: { name: 'typed', namespace: 'default' },
    });
    expect(read.spec.systemPrompt).toBe('One.');
    await api.patch(
      { ...ghost('typed', 'Merged.') },
      undefined,
      undefined,
      undefined,
      undefined,
      PatchStrategy.MergePatch,
    );
    await api.patch({ ...ghost('typed', 'Strategic.') });
    const applied = await api.patch(
      ghost('typed', 'Applied.'),
      undefined,
      undefined,
      'suite',
      true,
      PatchStrategy.ServerSideApply,
    );
    expect(applied.metadata?.managedFields?.map(({ manager }) => manager)).toContain('suite');
    const current = await api.read<Ghost>(named('typed'));
    await api.replace({ ...current, spec: { systemPrompt: 'Replaced.' } });
    await expect(api.replace({ ...current, spec: { systemPrompt: 'Stale.' } })).rejects.toMatchObject({
      code: 409,
    });
    const { items } = await api.list<Ghost>('agent.wecode.io/v1', 'Ghost', 'default');
    expect(items.map(({ spec }) => spec.systemPrompt)).toEqual(['Replaced.']);
    await api.delete(named('typed'));
    await expect(api.read(named('typed'))).rejects.toMatchObject({ code: 404 });
  });

  test('watches', async () => {
    const seen: string[] = [];
    const { metadata } = await api.list('agent.wecode.io/v1', 'Ghost', 'default');
    const stop = await new Watch(config).watch(
      GHOSTS,
      { resourceVersion: metadata?.resourceVersion },
      (phase, object: Ghost) => seen.push(`${phase} ${object.metadata?.name}`),
      () => {},
    );
    await api.create(ghost('watched', 'One.'));
    await api.patch(ghost('watched', 'Two.'));
    await api.delete(named('watched'));
    await waitFor(() => seen.length === 3, { what: 'three events' });
    expect(seen).toEqual(['ADDED watched', 'MODIFIED watched', 'DELETED watched']);
    stop.abort();
  });

  test('an informer finds its way back when what it knows is too old', async () => {
    const informer = makeInformer<Ghost>(config, GHOSTS, () =>
      api.list<Ghost>('agent.wecode.io/v1', 'Ghost', 'default'),
    );
    const failures: unknown[] = [];
    informer.on('error', (error: unknown) => {
      failures.push(error);
      setTimeout(() => void informer.start(), 100);
    });
    await informer.start();
    await api.create(ghost('before', 'One.'));
    await waitFor(() => informer.get('before', 'default'), { what: 'the first Ghost' });
    // While nobody watches, the log of changes moves on and forgets.
    await stage.server.stop();
    const store = await openStore({ url: `sqlite:${stage.server.dataDir}/wegent.db` });
    const object = await store.resources.get('Ghost', 'default', 'before');
    if (!object) throw new Error('the Ghost is not in the database');
    await store.resources.update(
      { ...object, spec: { systemPrompt: 'Changed.' } },
      object.metadata.resourceVersion ?? '',
    );
    await store.changes.compact({ keep: 0, olderThan: Date.now() + 1 });
    await store.close();
    await stage.server.restart();
    await waitFor(() => informer.get('before', 'default')?.spec.systemPrompt === 'Changed.', {
      what: 'the change',
      timeoutMs: 30_000,
    });
    await api.create(ghost('after', 'One.'));
    await waitFor(() => informer.get('after', 'default'), { what: 'the second Ghost', timeoutMs: 30_000 });
    await informer.stop();
  });
});

function ghost(name: string, systemPrompt: string): Ghost {
  return {
    apiVersion: 'agent.wecode.io/v1',
    kind: 'Ghost',
    metadata: { name, namespace: 'default' },
    spec: { systemPrompt },
  };
}

function named(name: string) {
  return { apiVersion: 'agent.wecode.io/v1', kind: 'Ghost', metadata: { name, namespace: 'default' } };
}
