import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Answer, type Person, startChatServer } from './support/chat-server.ts';
import { makeTeam } from './support/team.ts';

const TEAM = '/apis/agent.wecode.io/v1/namespaces/bob/teams/crew';
const SCALE = `${TEAM}/scale`;
const MERGE = 'application/merge-patch+json';
const JSON_PATCH = 'application/json-patch+json';
const STRATEGIC = 'application/strategic-merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

describe('the scale of a Team', () => {
  let server: Awaited<ReturnType<typeof startChatServer>>;
  let bob: Person;

  beforeAll(async () => {
    server = await startChatServer();
    bob = await server.newPerson('bob');
  });
  afterAll(() => server?.[Symbol.asyncDispose]());
  beforeEach(async () => {
    await bob.call('DELETE', `${TEAM}?force=true`);
    await makeTeam(bob, { name: 'crew', members: [{ name: 'ann' }], limits: { turns: 4, costUsd: 2 } });
  });

  const get = async () => (await bob.call('GET', SCALE)).body;
  const limits = async () => (await bob.call('GET', TEAM)).body.spec.limits;
  const put = (body: object, query = '') => bob.call('PUT', `${SCALE}${query}`, body);

  async function patch(type: string, body: unknown, query = ''): Promise<Answer> {
    const answer = await fetch(`${server.url}${SCALE}${query}`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${bob.token}`, 'content-type': type, 'user-agent': 'kubectl/1' },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, text, body: JSON.parse(text), headers: answer.headers };
  }

  test('is read as a Scale, on both faces, as JSON and as a table', async () => {
    const { metadata } = (await bob.call('GET', TEAM)).body;
    const { name, namespace, uid, resourceVersion, creationTimestamp } = metadata;
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
      spec: { replicas: 4 },
      status: { replicas: 0 },
    };
    expect(await get()).toEqual(scale);
    expect((await bob.call('GET', '/api/v1/namespaces/bob/teams/crew/scale')).body).toEqual(scale);
    const table = await server.call('GET', SCALE, undefined, {
      authorization: `Bearer ${bob.token}`,
      accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.body).toMatchObject({ kind: 'Table', rows: [{ cells: ['crew', 4, 0, expect.anything()] }] });
    expect((await bob.call('GET', SCALE.replace('crew', 'nobody'))).status).toBe(404);
  });

  test('is replaced; a 0 may be left out, as clients do', async () => {
    const before = await get();
    const written = await put({ ...before, spec: { replicas: 7 } });
    expect(written.body, written.text).toMatchObject({ kind: 'Scale', spec: { replicas: 7 } });
    expect(written.body.metadata.resourceVersion).not.toBe(before.metadata.resourceVersion);
    expect(await limits()).toEqual({ turns: 7, costUsd: 2 });
    expect((await put({ spec: {} })).body.spec).toEqual({ replicas: 0 });
    expect(await limits()).toEqual({ turns: 0, costUsd: 2 });
  });

  test('versions are preconditions, and so are uids, names and namespaces', async () => {
    const before = await get();
    await put({ spec: { replicas: 5 } });
    const stale = await put({ ...before, spec: { replicas: 6 } });
    expect(stale.status).toBe(409);
    expect(stale.body).toMatchObject({ reason: 'Conflict', message: expect.stringContaining('teams.agent') });
    const { resourceVersion } = before.metadata;
    expect((await patch(MERGE, { metadata: { resourceVersion }, spec: { replicas: 6 } })).status).toBe(409);
    const fresh = (await get()).metadata.resourceVersion;
    const fit = await patch(MERGE, { metadata: { resourceVersion: fresh }, spec: { replicas: 6 } });
    expect(fit.status, fit.text).toBe(200);
    expect((await put({ metadata: { uid: 'other' }, spec: { replicas: 1 } })).status).toBe(409);
    expect((await put({ metadata: { name: 'other' }, spec: { replicas: 1 } })).status).toBe(400);
    expect((await put({ metadata: { namespace: 'eve' }, spec: { replicas: 1 } })).status).toBe(400);
    expect((await put({ kind: 'Team', spec: { replicas: 1 } })).status).toBe(400);
    expect((await put({ apiVersion: 'apps/v1', spec: { replicas: 1 } })).status).toBe(400);
    expect((await get()).spec).toEqual({ replicas: 6 });
  });

  test('of writes that meet none is lost', async () => {
    const answers = await Promise.all(
      Array.from({ length: 6 }, (_, index) => patch(MERGE, { spec: { replicas: index + 10 } })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array(6).fill(200));
    const { metadata } = await get();
    const racing = await Promise.all([1, 2, 3].map((replicas) => put({ metadata, spec: { replicas } })));
    expect(racing.map(({ status }) => status).sort()).toEqual([200, 409, 409]);
  });

  test('is patched in every way', async () => {
    expect((await patch(MERGE, { spec: { replicas: 1 } })).body.spec).toEqual({ replicas: 1 });
    expect((await patch(STRATEGIC, { spec: { replicas: 2 } })).body.spec).toEqual({ replicas: 2 });
    const steps = [
      { op: 'test', path: '/spec/replicas', value: 2 },
      { op: 'replace', path: '/spec/replicas', value: 3 },
    ];
    expect((await patch(JSON_PATCH, steps)).body.spec).toEqual({ replicas: 3 });
    const failed = await patch(JSON_PATCH, steps);
    expect([failed.status, (await get()).spec.replicas]).toEqual([422, 3]);
    expect((await patch(MERGE, { spec: { replicas: null } })).body.spec).toEqual({ replicas: 0 });
    expect((await patch('application/json', {})).status).toBe(415);
  });

  test('a patch that says nothing about the number sets none', async () => {
    await bob.call('DELETE', `${TEAM}?force=true`);
    await makeTeam(bob, { name: 'crew', members: [{ name: 'ann' }] });
    expect((await get()).spec).toEqual({});
    expect((await patch(MERGE, {})).body.spec).toEqual({});
    expect(await limits()).toBeUndefined();
    expect((await patch(MERGE, { spec: { replicas: 0 } })).body.spec).toEqual({ replicas: 0 });
    expect(await limits()).toEqual({ turns: 0 });
  });

  test.each([
    [-1, '>=0'],
    [1001, '1000'],
    [1.5, 'int'],
    ['3', 'number'],
  ])('%j is refused, and the field is named', async (replicas, why) => {
    for (const answer of [await put({ spec: { replicas } }), await patch(MERGE, { spec: { replicas } })]) {
      expect(answer.status).toBe(422);
      expect(answer.body).toMatchObject({
        reason: 'Invalid',
        message: expect.stringMatching(/^Scale\.autoscaling "crew" is invalid: spec\.replicas: /),
        details: { causes: [{ field: 'spec.replicas' }] },
      });
      expect(answer.body.message).toContain(why);
    }
    expect(await limits()).toEqual({ turns: 4, costUsd: 2 });
  });

  test('fields that a Scale does not have are refused, or told of', async () => {
    const typo = await put({ spec: { replicas: 1, replica: 2 } });
    expect(typo.status).toBe(422);
    expect(typo.body.message).toContain('spec.replica"');
    const warned = await put({ spec: { replicas: 1, replica: 2 } }, '?fieldValidation=Warn');
    expect(warned.headers.get('warning')).toContain('spec.replica');
    expect(warned.body.spec).toEqual({ replicas: 1 });
  });

  test('a dry run changes nothing and shows what would be', async () => {
    const dry = await patch(MERGE, { spec: { replicas: 9 } }, '?dryRun=All');
    expect(dry.body.spec).toEqual({ replicas: 9 });
    expect((await put({ spec: { replicas: 9 } }, '?dryRun=All')).body.spec).toEqual({ replicas: 9 });
    expect((await get()).spec).toEqual({ replicas: 4 });
  });

  test('notes who owns the number', async () => {
    const applied = await fetch(`${server.url}${TEAM}?fieldManager=git`, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${bob.token}`, 'content-type': APPLY },
      body: JSON.stringify({
        apiVersion: 'agent.wecode.io/v1',
        kind: 'Team',
        metadata: { name: 'crew' },
        spec: { members: [{ botRef: { name: 'crew-ann' } }], limits: { turns: 4 } },
      }),
    });
    expect(applied.status, await applied.text()).toBe(409);
    await patch(MERGE, { spec: { replicas: 5 } }, '?fieldManager=scaler');
    const owners = async () =>
      (await bob.call('GET', TEAM)).body.metadata.managedFields.map(
        ({ manager, operation, subresource, fieldsV1 }: Record<string, unknown>) =>
          JSON.stringify(fieldsV1).includes('f:turns') ? [manager, operation, subresource] : [],
      );
    expect(await owners()).toContainEqual(['scaler', 'Update', 'scale']);

    const config = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'crew' },
      spec: { replicas: 8 },
    };
    const refused = await patch(APPLY, config, '?fieldManager=robot');
    expect(refused.status).toBe(409);
    expect(refused.body.message).toContain('"scaler"');
    const forced = await patch(APPLY, config, '?fieldManager=robot&force=true');
    expect(forced.body.spec, forced.text).toEqual({ replicas: 8 });
    expect(await owners()).toContainEqual(['robot', 'Apply', 'scale']);
    expect(await owners()).not.toContainEqual(['scaler', 'Update', 'scale']);
    expect(await limits()).toEqual({ turns: 8, costUsd: 2 });
    expect((await patch(APPLY, config)).status).toBe(400);
  });

  test('can be found: in discovery, in both forms, and in OpenAPI', async () => {
    const { resources } = (await bob.call('GET', '/apis/agent.wecode.io/v1')).body;
    expect(resources.filter(({ name }: { name: string }) => name.endsWith('/scale'))).toEqual([
      {
        name: 'teams/scale',
        singularName: '',
        namespaced: true,
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs: ['get', 'patch', 'update'],
      },
    ]);
    const v3 = (await server.call('GET', '/openapi/v3/apis/agent.wecode.io/v1')).body;
    const paths = Object.keys(v3.paths).filter((path) => path.endsWith('/scale'));
    expect(paths).toEqual(['/apis/agent.wecode.io/v1/namespaces/{namespace}/teams/{name}/scale']);
    expect(
      v3.components.schemas['io.k8s.api.autoscaling.v1.Scale'].properties.spec.properties,
    ).toHaveProperty('replicas');
    const v2 = (await server.call('GET', '/openapi/v2')).body;
    expect(v2.definitions).toHaveProperty(['io.k8s.api.autoscaling.v1.Scale']);
  });
});
