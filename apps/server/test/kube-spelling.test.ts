import { LAST_APPLIED_ANNOTATION } from '@wegent/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Answer, document, type Person, startChatServer } from './support/chat-server.ts';

const KUBE = '/apis/agent.wecode.io/v1/namespaces/bob';
const PLATFORM = '/api/v1/namespaces/bob';
const MERGE = 'application/merge-patch+json';
const APPLY = 'application/apply-patch+yaml';

/** A document with the annotation that `kubectl apply` gives it. */
function applied(given: { metadata: object }, annotations: object = {}) {
  const annotation = { [LAST_APPLIED_ANNOTATION]: `${JSON.stringify(given)}\n` };
  return { ...given, metadata: { ...given.metadata, annotations: { ...annotations, ...annotation } } };
}

describe('the spelling that an object was applied in', () => {
  let server: Awaited<ReturnType<typeof startChatServer>>;
  let bob: Person;

  beforeAll(async () => {
    server = await startChatServer();
    bob = await server.newPerson('bob');
    await bob.call('POST', `${KUBE}/ghosts`, document('Ghost', 'soul', { systemPrompt: 'x' }));
    const bot = { ghostRef: { name: 'soul' }, shellRef: { name: 'Chat' } };
    await bob.call('POST', `${KUBE}/bots`, document('Bot', 'body', bot));
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  const members = [{ botRef: { name: 'body', namespace: 'bob' }, role: '', prompt: null }];
  const older = { workflow: { mode: 'pipeline' }, recommended_mode: 'chat', bind_mode: null, members };

  async function given(name: string, spec: Record<string, unknown> = older, metadata: object = {}) {
    const made = document('Team', name, spec);
    const text = applied({ ...made, metadata: { ...made.metadata, ...metadata } });
    const answer = await bob.call('POST', `${KUBE}/teams`, text);
    expect(answer.status, answer.text).toBe(201);
    return answer;
  }

  async function patch(path: string, body: unknown, type = MERGE): Promise<Answer> {
    const answer = await fetch(server.url + path, {
      method: 'PATCH',
      headers: { authorization: `Bearer ${bob.token}`, 'content-type': type },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    return { status: answer.status, body: JSON.parse(text), text, headers: answer.headers };
  }

  const stored = async (name: string) => (await bob.call('GET', `${PLATFORM}/teams/${name}`)).body;
  const shown = async (name: string) => (await bob.call('GET', `${KUBE}/teams/${name}`)).body;

  test('is answered on the face of Kubernetes, by every verb, and on that face alone', async () => {
    const list = await bob.call('GET', `${KUBE}/teams`);
    const made = await given('seen', older, { displayName: 'Seen', user_id: 1 });
    const spelled = { workflow: { mode: 'pipeline' }, recommended_mode: 'chat', members };
    expect(made.body.spec).toEqual(spelled);
    expect((await shown('seen')).metadata).toMatchObject({ displayName: 'Seen', user_id: 1 });
    expect((await shown('seen')).spec).toEqual(spelled);
    const after = await bob.call('GET', `${KUBE}/teams`);
    expect(after.body.items.map(({ spec }: { spec: object }) => spec)).toEqual([spelled]);
    const version = list.body.metadata.resourceVersion;
    const watched = await fetch(
      `${server.url}${KUBE}/teams?watch=1&resourceVersion=${version}&timeoutSeconds=1`,
      { headers: { authorization: `Bearer ${bob.token}` } },
    );
    const [event = ''] = (await watched.text()).split('\n');
    expect(JSON.parse(event).object.spec).toEqual(spelled);
    expect((await bob.call('GET', `${KUBE}/teams/seen/status`)).body.spec).toEqual(spelled);
    expect(await stored('seen')).toMatchObject({
      metadata: { annotations: { 'agent.wecode.io/display-name': 'Seen' } },
      spec: { collaborationModel: 'pipeline', bind_mode: ['chat'], members: [{ botRef: { name: 'body' } }] },
    });
    expect((await stored('seen')).spec).not.toHaveProperty('workflow');
  });

  test('is accepted back, strictly, and changes nothing', async () => {
    const { body } = await given('back', older, { displayName: 'Back' });
    const back = await bob.call('PUT', `${KUBE}/teams/back?fieldValidation=Strict`, await shown('back'));
    expect(back.status, back.text).toBe(200);
    expect(back.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
    const edited = { ...body, spec: { ...body.spec, workflow: { mode: 'route' } } };
    expect((await bob.call('PUT', `${KUBE}/teams/back`, edited)).status).toBe(200);
    expect((await stored('back')).spec.collaborationModel).toBe('route');
  });

  test('a drift is shown as it is, and the older spelling of a patch repairs it', async () => {
    await given('drift');
    await patch(`${PLATFORM}/teams/drift`, { spec: { collaborationModel: 'route' } });
    expect((await shown('drift')).spec).toMatchObject({ collaborationModel: 'route', bind_mode: ['chat'] });
    expect((await shown('drift')).spec).not.toHaveProperty('workflow');
    const repaired = await patch(`${KUBE}/teams/drift`, { spec: older });
    expect(repaired.body.spec).toMatchObject({ workflow: { mode: 'pipeline' } });
    expect((await stored('drift')).spec.collaborationModel).toBe('pipeline');
  });

  test('a patch of one field changes that one, in whatever spelling it is', async () => {
    await given('patched', older, { displayName: 'Before' });
    const changed = async (body: object, type?: string) => {
      const answer = await patch(`${KUBE}/teams/patched`, body, type);
      expect(answer.status, answer.text).toBe(200);
      const { spec, metadata } = await stored('patched');
      const name = metadata.annotations['agent.wecode.io/display-name'];
      return [spec.collaborationModel, spec.bind_mode, spec.description, name];
    };
    expect(await changed({ spec: { description: 'd' } })).toEqual(['pipeline', ['chat'], 'd', 'Before']);
    expect(await changed({ spec: { workflow: { mode: 'route' } } })).toEqual([
      'route',
      ['chat'],
      'd',
      'Before',
    ]);
    expect(await changed({ spec: { collaborationModel: 'coordinate' } })).toEqual([
      'coordinate',
      ['chat'],
      'd',
      'Before',
    ]);
    const named = { metadata: { annotations: { 'agent.wecode.io/display-name': 'After' } } };
    expect(await changed(named)).toEqual(['coordinate', ['chat'], 'd', 'After']);
    expect(
      await changed(
        [{ op: 'add', path: '/spec/workflow', value: { mode: 'solo' } }],
        'application/json-patch+json',
      ),
    ).toEqual(['solo', ['chat'], 'd', 'After']);
    expect(await changed({ spec: { bind_mode: ['code'] } })).toEqual(['solo', ['code'], 'd', 'After']);
    expect(await changed({ metadata: { labels: { a: 'b' } } })).toEqual(['solo', ['code'], 'd', 'After']);
  });

  test('an annotation is the name, where the field was answered in its place', async () => {
    await given('named', older, { displayName: 'Before' });
    expect((await shown('named')).metadata.annotations).not.toHaveProperty(['agent.wecode.io/display-name']);
    const named = { metadata: { annotations: { 'agent.wecode.io/display-name': 'After' } } };
    const answer = await patch(`${KUBE}/teams/named`, named);
    expect(answer.body.metadata.annotations).toMatchObject(named.metadata.annotations);
    expect(answer.body.metadata).not.toHaveProperty('displayName');
  });

  test('what is taken out of the document goes, whatever its spelling', async () => {
    await given('less', older, { displayName: 'Less' });
    const next = document('Team', 'less', { members });
    const removed = await patch(`${KUBE}/teams/less`, {
      metadata: { ...applied(next).metadata, displayName: null },
      spec: { workflow: null, recommended_mode: null },
    });
    expect(removed.status, removed.text).toBe(200);
    const { spec, metadata } = await stored('less');
    expect([spec.collaborationModel, spec.bind_mode]).toEqual(['solo', undefined]);
    expect(metadata.annotations).not.toHaveProperty(['agent.wecode.io/display-name']);
  });

  test('server-side apply owns fields by their normal names; the second time nothing is written', async () => {
    const config = { ...document('Team', 'ssa', { workflow: { mode: 'pipeline' }, members }) };
    const send = (spec: object, manager = 'git') =>
      patch(`${KUBE}/teams/ssa?fieldManager=${manager}`, { ...config, spec }, APPLY);
    const first = await send(config.spec);
    expect(first.status, first.text).toBe(201);
    const second = await send(config.spec);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    expect(JSON.stringify(second.body.metadata.managedFields)).toContain('"f:collaborationModel"');
    expect(JSON.stringify(second.body.metadata.managedFields)).not.toContain('workflow');
    await send({ members, workflow: { mode: 'route' } });
    expect((await stored('ssa')).spec.collaborationModel).toBe('route');
    expect((await send({ members, workflow: { mode: 'solo' } }, 'other')).body).toMatchObject({
      reason: 'Conflict',
      message: expect.stringContaining('.spec.collaborationModel'),
    });
    await send({ members });
    expect((await stored('ssa')).spec.collaborationModel).toBe('solo');
  });

  test('nothing of an annotation is shown that the object does not say', async () => {
    const lies = [
      { ...older, workflow: { mode: 'route' } },
      { ...older, bogus: 'x' },
      { ...older, members: [{ botRef: { name: 'other' } }] },
      JSON.parse('{"workflow":{"mode":"pipeline"},"__proto__":{"polluted":true}}'),
      [older],
      7,
    ];
    for (const [index, spec] of lies.entries()) {
      const made = document('Team', `lie-${index}`, { collaborationModel: 'pipeline', members });
      const text = JSON.stringify({ ...made, spec });
      const metadata = { ...made.metadata, annotations: { [LAST_APPLIED_ANNOTATION]: text } };
      const answer = await bob.call('POST', `${KUBE}/teams`, { ...made, metadata });
      expect(answer.status, answer.text).toBe(201);
      expect(answer.body.spec, text).toMatchObject({ collaborationModel: 'pipeline' });
      expect(answer.body.spec).not.toHaveProperty('workflow');
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  test('secrets stay masked, and a document that holds them is written once', async () => {
    const env = { model: 'anthropic', model_id: 'm', api_key: 'sk-hidden', TIMEOUT_MS: 8000 };
    const spec = { modelConfig: { env }, isCustomConfig: null };
    const made = await bob.call('POST', `${KUBE}/models`, applied(document('Model', 'keyed', spec)));
    expect(made.status, made.text).toBe(201);
    expect(made.text).not.toContain('sk-hidden');
    expect(made.body.spec.modelConfig.env).toEqual({ ...env, api_key: '********' });
    // kubectl cannot know that the mask stands for what its document says.
    const again = await patch(`${KUBE}/models/keyed`, {
      metadata: applied(document('Model', 'keyed', spec)).metadata,
      spec: { modelConfig: { env: { api_key: 'sk-hidden' } } },
    });
    expect(again.text).not.toContain('sk-hidden');
    expect(again.body.metadata.resourceVersion).toBe(made.body.metadata.resourceVersion);
  });
});
