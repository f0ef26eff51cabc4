import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { temporaryFolder } from '@wegent/testing';
import { describe, expect, it } from 'vitest';
import { seedResources } from '../src/seed/seed.ts';
import { SEED_FOLDER, startResourceServer } from './support/resource-server.ts';

const names = (answer: { body: { items: { metadata: { name: string } }[] } }) =>
  answer.body.items.map(({ metadata }) => metadata.name);

describe('built-in resources', () => {
  it('are there for everybody, ready, and change nothing the second time', async () => {
    await using server = await startResourceServer();
    expect(names(await server.get('/api/v1/shells'))).toEqual(['Agno', 'Chat', 'ClaudeCode', 'Dify']);
    expect(names(await server.get('/api/v1/teams'))).toEqual(['assistant', 'coder', 'reviewer', 'writer']);
    const { body: demo } = await server.get('/api/v1/namespaces/public/models/demo');
    expect(demo).toMatchObject({
      metadata: { annotations: { 'agent.wecode.io/display-name': 'Demo model (simulator)' } },
      spec: {
        modelConfig: { env: { model: 'openai', model_id: 'demo', base_url: 'simulator:/v1' } },
        capabilities: { vision: true, contextWindow: 128_000 },
      },
    });
    for (const plural of ['bots', 'teams']) {
      for (const { spec, status, metadata } of (await server.get(`/api/v1/${plural}`)).body.items) {
        expect(status).toMatchObject({ state: 'Available', conditions: [{ status: 'True' }] });
        if (plural === 'teams') {
          expect(spec.quickPrompts).toHaveLength(3);
          expect(JSON.parse(metadata.annotations['agent.wecode.io/quick-prompts.zh'])).toHaveLength(3);
        }
      }
    }
    const version = await server.store.changes.current();
    await seedResources({ store: server.store, secrets: server.secrets, folder: SEED_FOLDER });
    expect(await server.store.changes.current()).toBe(version);
    const refused = await server.call('DELETE', '/api/v1/namespaces/public/models/demo', { person: 'admin' });
    expect(refused.body.message).toContain(
      'in use by Bot public/assistant, Bot public/reviewer, Bot public/writer',
    );
  });

  it('follow newer files unless somebody changed them', async () => {
    await using server = await startResourceServer();
    await using folder = await temporaryFolder();
    await cp(SEED_FOLDER, folder.path, { recursive: true });
    const file = path.join(folder.path, '30-starter-teams.yaml');
    await writeFile(file, (await readFile(file, 'utf8')).replaceAll('description: ', 'description: Newer. '));
    const patched = await server.call('PATCH', '/api/v1/namespaces/public/teams/writer', {
      body: '{"spec":{"icon":"x"}}',
      type: 'application/merge-patch+json',
      person: 'admin',
    });
    expect(patched.status).toBe(200);
    for (const object of ['teams/reviewer', 'shells/Dify']) {
      await server.call('DELETE', `/api/v1/namespaces/public/${object}`, { person: 'admin' });
    }
    await seedResources({ store: server.store, secrets: server.secrets, folder: folder.path });
    const description = async (name: string) =>
      (await server.get(`/api/v1/namespaces/public/teams/${name}`)).body.spec.description;
    expect(await description('assistant')).toMatch(/^Newer\. /);
    expect(await description('writer')).toMatch(/^Translates/);
    expect((await server.get('/api/v1/namespaces/public/teams/reviewer')).status).toBe(404);
    expect((await server.get('/api/v1/namespaces/public/shells/Dify')).status).toBe(200);
  });
});
