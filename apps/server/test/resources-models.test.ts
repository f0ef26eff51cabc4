import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type Person, startResourceServer } from './support/resource-server.ts';

// Written so that it does not look like a forgotten template.
const PLACEHOLDER = `$\{DEMO_KEY}`;

let server: Awaited<ReturnType<typeof startResourceServer>>;
const model = (env: object) => ({ modelConfig: { env: { model: 'openai', model_id: 'x', ...env } } });
const test = (body: object, person?: Person) =>
  server.call('POST', '/api/v1/models/test', { body, ...(person ? { person } : {}) });

beforeAll(async () => {
  server = await startResourceServer();
  await server.store.namespaces.insert({
    name: 'crew',
    type: 'group',
    ownerId: null,
    displayName: null,
    createdAt: 1,
  });
  await server.store.namespaces.setMember('crew', 'u-bob', 'Developer');
  await server.store.namespaces.setMember('crew', 'u-eve', 'Reporter');
  const spec = model({ api_key: 'stored', base_url: 'https://a.example.org' });
  await server.call('POST', '/api/v1/namespaces/crew/models', {
    body: { kind: 'Model', metadata: { name: 'm' }, spec },
  });
  const shared = model({ api_key: PLACEHOLDER });
  await server.call('POST', '/api/v1/namespaces/public/models', {
    body: { kind: 'Model', metadata: { name: 'shared' }, spec: shared },
    person: 'admin',
  });
});
beforeEach(() => {
  server.tested.length = 0;
});
afterAll(() => server[Symbol.asyncDispose]());

describe('POST /api/v1/models/test', () => {
  it('tries a spec that is not saved', async () => {
    const answer = await test({ spec: model({ api_key: 'fresh' }) });
    expect(answer.body).toEqual({ ok: true, latencyMs: 1 });
    expect(server.tested[0]).toMatchObject({
      endpoint: { apiKey: 'fresh', protocol: 'openai-chat' },
      outboundAllow: ['10.0.0.1:80'],
    });
    expect((await server.get('/api/v1/namespaces/bob/models')).body.items).toEqual([]);
  });

  it('takes the stored key for a mask or an absent one', async () => {
    for (const env of [{ api_key: '********' }, {}, { api_key: 'other' }]) {
      await test({
        namespace: 'crew',
        name: 'm',
        spec: model({ ...env, base_url: 'https://b.example.org' }),
      });
    }
    expect(server.tested.map(({ endpoint }) => [endpoint.apiKey, endpoint.baseUrl])).toEqual([
      ['stored', 'https://b.example.org'],
      ['stored', 'https://b.example.org'],
      ['other', 'https://b.example.org'],
    ]);
  });

  it('lets those who may only run it try it as it is, and send its key nowhere else', async () => {
    expect((await test({ namespace: 'crew', name: 'm' }, 'eve')).status).toBe(200);
    expect(server.tested[0]?.endpoint).toMatchObject({ apiKey: 'stored', baseUrl: 'https://a.example.org' });
    expect(
      (
        await test(
          { namespace: 'crew', name: 'm', spec: model({ base_url: 'https://evil.example.org' }) },
          'eve',
        )
      ).status,
    ).toBe(403);
    expect(server.tested).toHaveLength(1);
  });

  it('resolves placeholders in public only, and reaches anything for administrators', async () => {
    await test({ namespace: 'public', name: 'shared' });
    await test({ spec: model({ api_key: PLACEHOLDER }) });
    await test({ spec: model({ api_key: 'x', base_url: 'http://127.0.0.1:1' }) }, 'admin');
    expect(server.tested.map(({ endpoint, outboundAllow }) => [endpoint.apiKey, outboundAllow])).toEqual([
      ['from-environment', undefined],
      [PLACEHOLDER, ['10.0.0.1:80']],
      ['x', undefined],
    ]);
  });

  it('keeps the outcome of a saved Model in its status, and nothing of one that is not saved', async () => {
    await test({ namespace: 'public', name: 'demo' }, 'admin');
    const tested = await server.get('/api/v1/namespaces/public/models/demo');
    expect(tested.body.status).toMatchObject({ reachable: true, lastTest: { ok: true, latencyMs: 1 } });
  });

  it('says what is wrong', async () => {
    expect((await test({})).status).toBe(400);
    expect((await test({ name: 'nope' })).status).toBe(404);
    expect((await test({ spec: { modelConfig: {} } })).body.message).toContain(
      'spec.modelConfig.env: Required value',
    );
    expect((await test({ spec: model({ api_key: '********' }) })).status).toBe(422);
    expect((await test({ spec: model({ model: 'other' }) })).body.message).toContain(
      'supported values: "openai", "openai-responses", "claude", "gemini"',
    );
    expect((await test({ nonsense: 1 })).status).toBe(422);
  });
});
