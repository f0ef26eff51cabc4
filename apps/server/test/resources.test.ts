import { waitFor } from '@wegent/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ghost, startResourceServer } from './support/resource-server.ts';

const GHOSTS = '/api/v1/namespaces/bob/ghosts';

let server: Awaited<ReturnType<typeof startResourceServer>>;
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
});
afterAll(() => server[Symbol.asyncDispose]());

describe('create and get', () => {
  it('fills in what the server owns, and defaults', async () => {
    const shell = { kind: 'Shell', metadata: { name: 'own-shell' }, spec: { runtime: 'ClaudeCode' } };
    const created = await server.call('POST', '/api/v1/namespaces/bob/shells', { body: shell });
    expect(created.status).toBe(201);
    expect(created.body).toMatchObject({
      apiVersion: 'agent.wecode.io/v1',
      kind: 'Shell',
      metadata: { name: 'own-shell', namespace: 'bob', generation: 1 },
      spec: { shellType: 'ClaudeCode', network: 'gateway-only', retry: { maxAttempts: 3 } },
      status: {
        state: 'Available',
        observedGeneration: 1,
        conditions: [{ type: 'Ready', status: 'True', reason: 'AllReferencesFound' }],
      },
    });
    expect(created.body.metadata.uid).toMatch(/^[0-9a-f-]{36}$/);
    expect(Number(created.body.metadata.resourceVersion)).toBeGreaterThan(0);
    expect((await server.get('/apis/agent.wecode.io/v1/namespaces/bob/shells/own-shell')).body).toEqual(
      created.body,
    );
  });

  it('takes YAML and generates names', async () => {
    const yaml =
      'kind: Ghost\nmetadata:\n  generateName: note-\n  displayName: Notes\nspec:\n  systemPrompt: |\n    Take notes.\n';
    const created = await server.call('POST', GHOSTS, { body: yaml, type: 'application/yaml' });
    expect(created.status).toBe(201);
    expect(created.body.metadata.name).toMatch(/^note-[0-9a-f]{6}$/);
    expect(created.body.metadata.annotations).toEqual({ 'agent.wecode.io/display-name': 'Notes' });
  });

  it('answers Status objects for what is missing, and the same for what is not yours', async () => {
    const missing = await server.get(`${GHOSTS}/nope`);
    expect(missing.status).toBe(404);
    expect(missing.body).toMatchObject({
      kind: 'Status',
      reason: 'NotFound',
      message: 'ghosts.agent.wecode.io "nope" not found',
      details: { name: 'nope', group: 'agent.wecode.io', kind: 'ghosts' },
    });
    await server.call('POST', GHOSTS, { body: ghost('secretive') });
    const foreign = await server.get(`${GHOSTS}/secretive`, 'eve');
    const absent = await server.get(`${GHOSTS}/nothing`, 'eve');
    expect(foreign.status).toBe(404);
    expect(foreign.text.replaceAll('secretive', 'nothing')).toBe(absent.text);
    expect((await server.get(GHOSTS, 'eve')).status).toBe(403);
    expect((await server.get('/api/v1/namespaces/bob/widgets')).body.message).toBe(
      'the server could not find the requested resource',
    );
  });

  it('lets roles decide', async () => {
    const crew = '/api/v1/namespaces/crew/ghosts';
    expect((await server.call('POST', crew, { body: ghost('shared') })).status).toBe(201);
    expect((await server.get(`${crew}/shared`, 'eve')).status).toBe(200);
    const refused = await server.call('PUT', `${crew}/shared`, { body: ghost('shared'), person: 'eve' });
    expect(refused.status).toBe(403);
    expect(refused.body.message).toContain('User "eve" cannot update resource "ghosts"');
    expect((await server.call('DELETE', `${crew}/shared`)).status).toBe(403);
    expect(
      (await server.call('POST', '/api/v1/namespaces/public/ghosts', { body: ghost('mine') })).status,
    ).toBe(403);
  });

  it('writes nothing in a dry run', async () => {
    const dry = await server.call('POST', `${GHOSTS}?dryRun=All`, { body: ghost('dry') });
    expect(dry.status).toBe(201);
    expect(dry.body.metadata.uid).toBeTruthy();
    expect((await server.get(`${GHOSTS}/dry`)).status).toBe(404);
    await server.call('POST', GHOSTS, { body: ghost('damp') });
    const replaced = await server.call('PUT', `${GHOSTS}/damp?dryRun=All`, {
      body: ghost('damp', { spec: { systemPrompt: 'new' } }),
    });
    expect(replaced.body.spec.systemPrompt).toBe('new');
    expect((await server.call('DELETE', `${GHOSTS}/damp?dryRun=All`)).status).toBe(200);
    expect((await server.get(`${GHOSTS}/damp`)).body.spec.systemPrompt).toBe('Be brief.');
  });
});

describe('update and patch', () => {
  it('bumps the generation only with the spec, and nothing for a write that changes nothing', async () => {
    const { body: first } = await server.call('POST', GHOSTS, { body: ghost('gen') });
    const same = await server.call('PUT', `${GHOSTS}/gen`, { body: ghost('gen') });
    expect(same.body.metadata.resourceVersion).toBe(first.metadata.resourceVersion);
    const labelled = await server.call('PUT', `${GHOSTS}/gen`, {
      body: ghost('gen', { metadata: { labels: { a: 'b' } } }),
    });
    expect(labelled.body.metadata).toMatchObject({
      generation: 1,
      uid: first.metadata.uid,
      creationTimestamp: first.metadata.creationTimestamp,
    });
    expect(labelled.body.metadata.resourceVersion).not.toBe(first.metadata.resourceVersion);
    const changed = await server.call('PUT', `${GHOSTS}/gen`, {
      body: ghost('gen', { spec: { systemPrompt: 'Be long.' } }),
    });
    expect(changed.body.metadata.generation).toBe(2);
    expect(changed.body.status.observedGeneration).toBe(2);
  });

  it('refuses a version that was overtaken, in the words of Kubernetes', async () => {
    const { body: first } = await server.call('POST', GHOSTS, { body: ghost('race') });
    await server.call('PUT', `${GHOSTS}/race`, { body: ghost('race', { spec: { systemPrompt: 'second' } }) });
    const stale = await server.call('PUT', `${GHOSTS}/race`, {
      body: { ...first, spec: { systemPrompt: 'third' } },
    });
    expect(stale.status).toBe(409);
    expect(stale.body).toMatchObject({
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on ghosts.agent.wecode.io "race": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  it('takes both kinds of patches', async () => {
    await server.call('POST', GHOSTS, {
      body: ghost('patched', { metadata: { labels: { a: '1', b: '2' } } }),
    });
    const merged = await server.call('PATCH', `${GHOSTS}/patched`, {
      body: JSON.stringify({ metadata: { labels: { a: null, c: '3' } }, spec: { systemPrompt: 'merged' } }),
      type: 'application/merge-patch+json',
    });
    expect(merged.status).toBe(200);
    expect(merged.body).toMatchObject({
      metadata: { labels: { b: '2', c: '3' }, generation: 2 },
      spec: { systemPrompt: 'merged' },
    });
    const patched = await server.call('PATCH', `${GHOSTS}/patched`, {
      body: JSON.stringify([
        { op: 'test', path: '/spec/systemPrompt', value: 'merged' },
        { op: 'replace', path: '/spec/systemPrompt', value: 'patched' },
        { op: 'remove', path: '/metadata/labels/b' },
      ]),
      type: 'application/json-patch+json',
    });
    expect(patched.body).toMatchObject({
      metadata: { labels: { c: '3' } },
      spec: { systemPrompt: 'patched' },
    });
    const failed = await server.call('PATCH', `${GHOSTS}/patched`, {
      body: JSON.stringify([{ op: 'test', path: '/spec/systemPrompt', value: 'other' }]),
      type: 'application/json-patch+json',
    });
    expect(failed.status).toBe(422);
    expect((await server.call('PATCH', `${GHOSTS}/patched`, { body: { spec: {} } })).status).toBe(415);
  });

  it('applies every one of many patches at once', async () => {
    await server.call('POST', GHOSTS, { body: ghost('busy') });
    const answers = await Promise.all(
      Array.from({ length: 4 }, (_, index) =>
        server.call('PATCH', `${GHOSTS}/busy`, {
          body: JSON.stringify({ metadata: { labels: { [`l${index}`]: 'x' } } }),
          type: 'application/merge-patch+json',
        }),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await server.get(`${GHOSTS}/busy`)).body.metadata.labels).toEqual({
      l0: 'x',
      l1: 'x',
      l2: 'x',
      l3: 'x',
    });
  });

  it('prunes unknown fields with a warning when asked to', async () => {
    const body = ghost('warned', { spec: { colour: 'réd' } });
    const warned = await server.call('POST', `${GHOSTS}?fieldValidation=Warn`, { body });
    expect(warned.status).toBe(201);
    expect(String(warned.headers.warning)).toBe('299 - "unknown field \\"spec.colour\\""');
    expect(warned.body.spec).toEqual({ systemPrompt: 'Be brief.' });
    const ignored = await server.call('POST', `${GHOSTS}?fieldValidation=Ignore`, {
      body: ghost('ignored', { spec: { colour: 1 } }),
    });
    expect(ignored.headers.warning).toBeUndefined();
  });
});

describe('lists', () => {
  it('selects by labels and fields', async () => {
    for (const [name, labels] of Object.entries({ l1: { tier: 'a' }, l2: { tier: 'b', old: 'y' }, l3: {} })) {
      await server.call('POST', GHOSTS, {
        body: ghost(name, { metadata: { labels: { suite: 'list', ...labels } } }),
      });
    }
    const names = async (query: string) => {
      const { body } = await server.get(`${GHOSTS}?${query}`);
      return body.items?.map((item: { metadata: { name: string } }) => item.metadata.name) ?? body.message;
    };
    expect(await names('labelSelector=suite%3Dlist')).toEqual(['l1', 'l2', 'l3']);
    expect(await names('labelSelector=suite=list,tier+in+(a,b),!old')).toEqual(['l1']);
    expect(await names('labelSelector=suite=list,tier!=a')).toEqual(['l2', 'l3']);
    expect(await names('labelSelector=suite=list&fieldSelector=metadata.name!=l1')).toEqual(['l2', 'l3']);
    expect(await names('labelSelector=suite=list&limit=0')).toHaveLength(3);
    expect(await names('fieldSelector=spec.systemPrompt=x')).toContain(
      'field "spec.systemPrompt" is not supported',
    );
    expect(await names('labelSelector=a+b+c')).toContain('unable to parse labelSelector');
    const shells = await server.get('/api/v1/shells?fieldSelector=spec.shellType=Dify');
    expect(shells.body.items).toHaveLength(1);
  });

  it('pages through all visible namespaces with one version', async () => {
    const seen: string[] = [];
    const versions = new Set<string>();
    let token = '';
    do {
      const { body } = await server.get(`/api/v1/ghosts?limit=2${token}`);
      versions.add(body.metadata.resourceVersion);
      seen.push(
        ...body.items.map(
          (item: { metadata: { namespace: string; name: string } }) =>
            `${item.metadata.namespace}/${item.metadata.name}`,
        ),
      );
      token = body.metadata.continue ? `&continue=${body.metadata.continue}` : '';
    } while (token !== '');
    expect(versions.size).toBe(1);
    expect(new Set(seen).size).toBe(seen.length);
    expect(seen).toContain('public/assistant');
    expect(seen.some((name) => name.startsWith('default/'))).toBe(false);
    const whole = await server.get('/api/v1/ghosts');
    expect(whole.body.items).toHaveLength(seen.length);
    expect((await server.get('/api/v1/ghosts?continue=bogus')).status).toBe(400);
  });
});

describe('references', () => {
  const bot = (spec: object) => ({
    kind: 'Bot',
    metadata: { name: 'b' },
    spec: { shellRef: { name: 'Chat' }, ...spec },
  });

  it('resolves in the given namespace, the own one, then public', async () => {
    const created = await server.call('POST', '/api/v1/namespaces/bob/bots', {
      body: {
        kind: 'Bot',
        metadata: { name: 'resolver' },
        spec: {
          ghostRef: { name: 'assistant' },
          shellRef: { name: 'Chat', namespace: 'default' },
          modelRef: null,
        },
      },
    });
    expect(created.status).toBe(201);
    // bob has no right in `default`: it means his own namespace, and falls back to public.
    expect(created.body.spec.shellRef).toEqual({ name: 'Chat' });
    expect(created.body.status.conditions[0]).toMatchObject({ status: 'True' });
  });

  it('says what exists when a target does not', async () => {
    const refused = await server.call('POST', '/api/v1/namespaces/eve/bots', {
      body: bot({ ghostRef: { name: 'ghosty' }, modelRef: { name: 'gpt' } }),
      person: 'eve',
    });
    expect(refused.status).toBe(422);
    expect(refused.body.details.causes).toEqual([
      {
        reason: 'FieldValueNotFound',
        field: 'spec.ghostRef',
        message: 'ghost "ghosty" not found in eve or public; available: assistant, coder, reviewer, writer',
      },
      {
        reason: 'FieldValueNotFound',
        field: 'spec.modelRef',
        message: 'model "gpt" not found in eve or public; available: demo, demo-claude',
      },
    ]);
  });

  it('does not see targets that the writer may not use', async () => {
    await server.call('POST', '/api/v1/namespaces/bob/ghosts', { body: ghost('bobs') });
    const refused = await server.call('POST', '/api/v1/namespaces/eve/bots', {
      body: bot({ ghostRef: { name: 'bobs', namespace: 'bob' } }),
      person: 'eve',
    });
    expect(refused.status).toBe(422);
    expect(refused.body.message).toContain('ghost "bobs" not found in bob or eve or public');
    const shadowed = await server.call('POST', '/api/v1/namespaces/eve/bots', {
      body: bot({ ghostRef: { name: 'assistant', namespace: 'bob' } }),
      person: 'eve',
    });
    expect(shadowed.status).toBe(422);
  });

  it('makes a missing skill a condition', async () => {
    const created = await server.call('POST', GHOSTS, {
      body: ghost('skilled', { spec: { skills: ['later'] } }),
    });
    expect(created.status).toBe(201);
    expect(created.body.status).toMatchObject({
      state: 'Available',
      conditions: [
        {
          status: 'False',
          reason: 'MissingReferences',
          message: 'Skill "later" (spec.skills[0]) does not exist',
        },
      ],
    });
  });

  it('refuses to delete what is in use, unless told to', async () => {
    await server.call('POST', GHOSTS, { body: ghost('used') });
    await server.call('POST', '/api/v1/namespaces/bob/bots', {
      body: { ...bot({ ghostRef: { name: 'used' } }), metadata: { name: 'user' } },
    });
    const refused = await server.call('DELETE', `${GHOSTS}/used`);
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain('it is in use by Bot bob/user');
    const deleted = await server.call('DELETE', `${GHOSTS}/used?propagationPolicy=Background`);
    expect(deleted.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'used', kind: 'ghosts' },
    });
    const { body } = await server.get('/api/v1/namespaces/bob/bots/user');
    expect(body.status).toMatchObject({
      state: 'Unavailable',
      conditions: [{ status: 'False', message: 'Ghost "used" (spec.ghostRef) does not exist' }],
    });
    expect((await server.call('POST', GHOSTS, { body: ghost('used') })).status).toBe(201);
  });

  it('honours preconditions of a deletion', async () => {
    const { body } = await server.call('POST', GHOSTS, { body: ghost('cond') });
    expect(
      (await server.call('DELETE', `${GHOSTS}/cond`, { body: { preconditions: { uid: 'other' } } })).status,
    ).toBe(409);
    expect(
      (await server.call('DELETE', `${GHOSTS}/cond`, { body: { preconditions: { resourceVersion: '1' } } }))
        .status,
    ).toBe(409);
    expect(
      (await server.call('DELETE', `${GHOSTS}/cond`, { body: { preconditions: { uid: body.metadata.uid } } }))
        .status,
    ).toBe(200);
  });
});

describe('audit', () => {
  it('remembers writes and who did them, not what wrote nothing', async () => {
    const path = `${GHOSTS}/audited`;
    await server.call('POST', GHOSTS, { body: ghost('audited') });
    await server.call('PUT', path, { body: ghost('audited') });
    await server.call('DELETE', `${path}?dryRun=All`);
    await server.call('DELETE', path);
    const rows = await waitFor(
      async () => {
        const found = await server.store.audit.list({ limit: 10, kind: 'Ghost', name: 'audited' });
        return found.length === 2 && found;
      },
      { what: 'two audit rows' },
    );
    expect(rows.map((row) => [row.username, row.action, row.namespace])).toEqual([
      ['bob', 'delete', 'bob'],
      ['bob', 'create', 'bob'],
    ]);
  });
});
