import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { createSecretBox } from '../src/resources/secret-box.ts';
import { startResourceServer } from './support/resource-server.ts';

const SECRET = 'sk-very-secret-0123456789';
const MODELS = '/api/v1/namespaces/bob/models';
const model = (env: Record<string, unknown>) => ({
  kind: 'Model',
  metadata: { name: 'm' },
  spec: { modelConfig: { env: { model: 'openai', model_id: 'x', ...env } } },
});

describe('secrets', () => {
  it('are nowhere to be read: not in answers, lists, watches or a byte of the database', async () => {
    await using folder = await temporaryFolder();
    await using server = await startResourceServer({ url: `sqlite:${path.join(folder.path, 'test.db')}` });
    const lastApplied = JSON.stringify(model({ api_key: SECRET }));
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': lastApplied };
    const document = {
      ...model({
        api_key: SECRET,
        ANTHROPIC_AUTH_TOKEN: `${SECRET}-2`,
        DEFAULT_HEADERS: { 'X-Key': `${SECRET}-3` },
      }),
      metadata: { name: 'm', annotations },
    };
    const ghost = {
      kind: 'Ghost',
      metadata: { name: 'g' },
      spec: {
        systemPrompt: '',
        mcpServers: {
          a: { command: 'x', env: { TOKEN: SECRET } },
          b: { url: 'https://example.org', headers: { Authorization: SECRET } },
        },
      },
    };
    const workspace = {
      kind: 'Workspace',
      metadata: { name: 'w' },
      spec: { repository: { gitUrl: 'https://example.org/a.git' }, env: { DB: SECRET } },
    };
    const answers = [
      await server.call('POST', '/api/v1/namespaces/bob/apply', { body: [document, ghost, workspace] }),
      await server.call('POST', '/api/v1/namespaces/bob/apply', { body: [document, ghost, workspace] }),
      await server.get(`${MODELS}/m`),
      await server.get('/api/v1/models'),
      await server.get('/api/v1/ghosts'),
      await server.call('PATCH', `${MODELS}/m`, {
        body: '{"metadata":{"labels":{"a":"b"}}}',
        type: 'application/merge-patch+json',
      }),
      await server.call('POST', `${MODELS}?dryRun=All`, {
        body: { ...model({ api_key: SECRET }), metadata: { name: 'dry' } },
      }),
      await server.get('/api/v1/models?watch=1&timeoutSeconds=0.05'),
      await server.get('/api/v1/models?watch=1&timeoutSeconds=0.05&resourceVersion=1'),
      await server.call('DELETE', `${MODELS}/m?dryRun=All`),
    ];
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 200, 201, 200, 200, 200]);
    expect(answers[1]?.body.results.map(({ operation }: { operation: string }) => operation)).toEqual([
      'unchanged',
      'unchanged',
      'unchanged',
    ]);
    for (const answer of answers) {
      expect(answer.text).not.toContain(SECRET);
      expect(answer.text).not.toContain('enc:v1:');
    }
    expect(answers[2]?.body.spec.modelConfig.env).toEqual({
      model: 'openai',
      model_id: 'x',
      api_key: '********',
      ANTHROPIC_AUTH_TOKEN: '********',
      DEFAULT_HEADERS: { 'X-Key': '********' },
    });
    const stored = await server.store.resources.get('Model', 'bob', 'm');
    expect(stored && server.secrets.unseal(stored).spec).toMatchObject({
      modelConfig: { env: { api_key: SECRET } },
    });

    for (const file of await readdir(folder.path)) {
      const bytes = await readFile(path.join(folder.path, file));
      expect(bytes.includes(SECRET), file).toBe(false);
    }
  });

  it('do not hide behind older spellings in the last-applied annotation', async () => {
    await using server = await startResourceServer();
    const key = 'kubectl.kubernetes.io/last-applied-configuration';
    const headers = JSON.stringify({ Authorization: SECRET });
    const documents = [
      {
        kind: 'Ghost',
        metadata: { name: 'g' },
        spec: {
          systemPrompt: '',
          mcpServers: { mcpServers: { a: { url: 'https://example.org', headers: { A: SECRET } } } },
        },
      },
      { ...model({ DEFAULT_HEADERS: headers }), metadata: { name: 'm' } },
    ];
    for (const document of documents) {
      const annotated = {
        ...document,
        metadata: { ...document.metadata, annotations: { [key]: JSON.stringify(document) } },
      };
      const plural = `${document.kind.toLowerCase()}s`;
      const created = await server.call('POST', `/api/v1/namespaces/bob/${plural}`, { body: annotated });
      expect(created.status).toBe(201);
      expect(created.text).not.toContain(SECRET);
      const applied = created.body.metadata.annotations[key];
      expect(applied).toContain('********');
      expect(
        JSON.stringify(await server.store.resources.get(document.kind, 'bob', document.metadata.name)),
      ).not.toContain(SECRET);
    }
  });

  it('stay when the mask is written back, and only where one is stored', async () => {
    await using server = await startResourceServer();
    await server.call('POST', MODELS, { body: model({ api_key: SECRET }) });
    const read = (await server.get(`${MODELS}/m`)).body;
    const written = await server.call('PUT', `${MODELS}/m`, {
      body: {
        ...read,
        spec: { ...read.spec, modelConfig: { env: { ...read.spec.modelConfig.env, model_id: 'y' } } },
      },
    });
    expect(written.status).toBe(200);
    const unchanged = await server.call('PUT', `${MODELS}/m`, {
      body: model({ api_key: SECRET, model_id: 'y' }),
    });
    expect(unchanged.body.metadata.resourceVersion).toBe(written.body.metadata.resourceVersion);
    const plain = async () => {
      const stored = await server.store.resources.get('Model', 'bob', 'm');
      return stored && server.secrets.unseal(stored).spec;
    };
    expect(await plain()).toMatchObject({ modelConfig: { env: { api_key: SECRET, model_id: 'y' } } });

    const nothing = await server.call('POST', MODELS, {
      body: { ...model({ api_key: '********' }), metadata: { name: 'n' } },
    });
    expect(nothing.status).toBe(422);
    expect(nothing.body.details.causes[0]).toMatchObject({ field: 'spec.modelConfig.env.api_key' });
    const moved = await server.call('PATCH', `${MODELS}/m`, {
      body: JSON.stringify([
        { op: 'copy', from: '/spec/modelConfig/env/api_key', path: '/spec/modelConfig/env/note' },
      ]),
      type: 'application/json-patch+json',
    });
    expect(moved.body.spec.modelConfig.env.note).toBe('********');
    expect(await plain()).toMatchObject({ modelConfig: { env: { api_key: SECRET, note: '********' } } });
  });

  it('open with any key, seal with the first, and do not open in another place', async () => {
    const keys = [1, 2].map((fill) => ({ id: `k${fill}`, key: new Uint8Array(32).fill(fill) }));
    const object = (uid: string, key: string) => ({
      apiVersion: 'agent.wecode.io/v1',
      kind: 'Model',
      metadata: { name: 'm', namespace: 'n', uid },
      spec: { modelConfig: { env: { api_key: key } } },
    });
    const old = createSecretBox(keys.slice(0, 1)).seal(object('u1', SECRET)).object;
    const rotated = createSecretBox(keys.toReversed());
    expect(rotated.unseal(old)).toEqual(object('u1', SECRET));
    const again = rotated.seal(object('u1', SECRET)).object;
    expect(JSON.stringify(again)).toContain('enc:v1:k2:');
    expect(rotated.seal(object('u1', SECRET), old).object).toEqual(old);
    expect(() => rotated.unseal({ ...old, metadata: { ...old.metadata, uid: 'u2' } })).toThrow(
      'does not open',
    );
    expect(() => createSecretBox(keys.slice(1)).unseal(old)).toThrow('key "k1"');
    // Text that looks sealed is a secret like any other when a client writes it.
    const forged = rotated.seal(object('u1', 'enc:v1:k1:AAAA')).object;
    expect(rotated.unseal(forged)).toEqual(object('u1', 'enc:v1:k1:AAAA'));
  });
});
