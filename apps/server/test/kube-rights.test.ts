import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { document, type Person, startChatServer } from './support/chat-server.ts';

const ROLES = ['Owner', 'Maintainer', 'Developer', 'Reporter', 'nobody'] as const;
type RoleName = (typeof ROLES)[number];
const VERBS = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const;
type VerbName = (typeof VERBS)[number];

interface Kind {
  group: string;
  plural: string;
  body: (name: string) => object;
}

const GROUP = 'agent.wecode.io';
const KINDS: readonly Kind[] = [
  { group: GROUP, plural: 'ghosts', body: (name) => document('Ghost', name, { systemPrompt: 'x' }) },
  { group: GROUP, plural: 'shells', body: (name) => document('Shell', name, { shellType: 'Chat' }) },
  {
    group: GROUP,
    plural: 'models',
    body: (name) => document('Model', name, { modelConfig: { env: { model: 'openai', model_id: 'x' } } }),
  },
  { group: GROUP, plural: 'skills', body: (name) => document('Skill', name, { description: 'x' }) },
  {
    group: GROUP,
    plural: 'workspaces',
    body: (name) =>
      document('Workspace', name, {
        repository: { gitUrl: 'https://git.example/a.git', branchName: 'main' },
      }),
  },
  { group: GROUP, plural: 'bots', body: botOf },
  { group: GROUP, plural: 'teams', body: teamOf },
  { group: '', plural: 'configmaps', body: (name) => core('ConfigMap', name, { data: { a: 'b' } }) },
  { group: '', plural: 'secrets', body: (name) => core('Secret', name, { stringData: { a: 'b' } }) },
  {
    group: '',
    plural: 'events',
    body: (name) => core('Event', name, { involvedObject: { kind: 'Ghost', name: 'x' }, reason: 'Looked' }),
  },
];

describe('who may do what, and what reviews say about it', () => {
  let server: Awaited<ReturnType<typeof startChatServer>>;
  const people = new Map<RoleName, Person>();

  beforeAll(async () => {
    server = await startChatServer();
    for (const role of ROLES) people.set(role, await server.newPerson(role.toLowerCase()));
    const owner = personOf('Owner');
    await owner.call('POST', '/api/v1/namespaces', { metadata: { name: 'crew' } });
    for (const role of ROLES) {
      if (role === 'Owner' || role === 'nobody') continue;
      await owner.call('PUT', `/api/v1/namespaces/crew/members/${role.toLowerCase()}`, { role });
    }
    // What others name is not deleted, so they name these.
    const used = [document('Ghost', 'used', { systemPrompt: 'x' }), botOf('used')];
    for (const [index, plural] of ['ghosts', 'bots'].entries()) {
      const made = await owner.call('POST', `${face(GROUP)}/namespaces/crew/${plural}`, used[index]);
      expect(made.status, made.text).toBe(201);
    }
    for (const { group, plural, body } of KINDS) {
      const made = await owner.call('POST', `${face(group)}/namespaces/crew/${plural}`, body('probe'));
      expect(made.status, made.text).toBe(201);
    }
  });
  afterAll(() => server?.[Symbol.asyncDispose]());

  test.each(KINDS.flatMap((kind) => ROLES.map((role) => ({ ...kind, role }))))(
    '$role and $plural',
    async (row) => {
      const { group, plural, role } = row;
      for (const verb of VERBS) {
        const asked = await review(role, { group, resource: plural, verb, namespace: 'crew' });
        expect(asked, `${verb}: said and done`).toBe(await doIt(row, verb));
      }
      expect(await doIt(row, 'delete'), 'the table of the resource model').toBe(
        role === 'Owner' || role === 'Maintainer',
      );
      expect(await doIt(row, 'create')).toBe(!['Reporter', 'nobody'].includes(role));
      expect(await doIt(row, 'list')).toBe(role !== 'nobody');
    },
  );

  test.each(ROLES)('%s and the Namespace itself', async (role) => {
    const path = '/api/v1/namespaces/crew';
    const patch = await personOf(role).call('PATCH', `${path}?dryRun=All`, [
      { op: 'add', path: '/metadata/labels/a', value: 'b' },
    ]);
    // The content type of a plain request is no patch; rights come before that only where they are asked for.
    expect(patch.status).toBe(415);
    for (const verb of ['get', 'patch', 'delete'] as const) {
      const done =
        verb === 'get'
          ? (await personOf(role).call('GET', path)).status
          : await raw(
              role,
              verb === 'patch' ? 'PATCH' : 'DELETE',
              `${path}?dryRun=All`,
              'application/merge-patch+json',
              { metadata: { labels: { a: 'b' } } },
            );
      expect(
        await review(role, { group: '', resource: 'namespaces', verb, namespace: 'crew', name: 'crew' }),
        verb,
      ).toBe(done < 300);
    }
    expect(
      await review(role, {
        group: '',
        resource: 'pods',
        subresource: 'exec',
        verb: 'create',
        namespace: 'crew',
      }),
    ).toBe(['Owner', 'Maintainer', 'Developer'].includes(role));
    expect(await review(role, { group: '', resource: 'pods', verb: 'delete', namespace: 'crew' })).toBe(
      false,
    );
    expect(await review(role, { group: GROUP, resource: 'gadgets', verb: 'get', namespace: 'crew' })).toBe(
      false,
    );
  });

  test.each(ROLES)('%s and the scale of a Team', async (role) => {
    const path = `${face(GROUP)}/namespaces/crew/teams/probe/scale`;
    const body = { spec: { replicas: 3 } };
    const done = {
      get: (await personOf(role).call('GET', path)).status,
      update: (await personOf(role).call('PUT', `${path}?dryRun=All`, body)).status,
      patch: await raw(role, 'PATCH', `${path}?dryRun=All`, 'application/merge-patch+json', body),
    };
    for (const verb of ['get', 'update', 'patch'] as const) {
      const wish = { group: GROUP, resource: 'teams', subresource: 'scale', verb, namespace: 'crew' };
      expect([200, 403, 404], `${role} ${verb}`).toContain(done[verb]);
      expect(await review(role, wish), `${verb}: said and done`).toBe(done[verb] < 300);
      expect(done[verb] < 300, verb).toBe(
        verb === 'get' ? role !== 'nobody' : !['Reporter', 'nobody'].includes(role),
      );
    }
    // Only what can be scaled can be scaled.
    const ghost = { group: GROUP, resource: 'ghosts', subresource: 'scale', verb: 'get', namespace: 'crew' };
    expect(await review(role, ghost)).toBe(false);
    expect((await personOf(role).call('GET', path.replace('teams', 'ghosts'))).status).toBe(404);
    const created = {
      group: GROUP,
      resource: 'teams',
      subresource: 'scale',
      verb: 'create',
      namespace: 'crew',
    };
    expect(await review(role, created)).toBe(false);
  });

  test('rules name what each role may do', async () => {
    const rules = async (role: RoleName, resource = 'ghosts') => {
      const answer = await personOf(role).call(
        'POST',
        '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
        {
          spec: { namespace: 'crew' },
        },
      );
      const found = answer.body.status.resourceRules.find(
        (rule: { resources: string[] }) => rule.resources[0] === resource,
      );
      return found?.verbs ?? [];
    };
    expect(await rules('Reporter')).toEqual(['get', 'list', 'watch']);
    expect(await rules('nobody')).toEqual([]);
    expect(await rules('Maintainer')).toContain('delete');
    expect(await rules('Reporter', 'teams/scale')).toEqual(['get']);
    expect(await rules('Developer', 'teams/scale')).toEqual(['get', 'patch', 'update']);
  });

  test('an owner is named by those who may delete only', async () => {
    const body = {
      metadata: { ownerReferences: [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'x', uid: 'y' }] },
    };
    const path = '/api/v1/namespaces/crew/configmaps/probe?dryRun=All';
    expect(await raw('Developer', 'PATCH', path, 'application/merge-patch+json', body)).toBe(403);
    expect(await raw('Maintainer', 'PATCH', path, 'application/merge-patch+json', body)).toBe(200);
  });

  test('nobody acts in the name of somebody else', async () => {
    for (const header of [
      'impersonate-user',
      'impersonate-group',
      'impersonate-uid',
      'impersonate-extra-x',
    ]) {
      const answer = await server.call('GET', '/apis/agent.wecode.io/v1/ghosts', undefined, {
        authorization: `Bearer ${personOf('Owner').token}`,
        [header]: 'admin',
      });
      expect(answer.status, header).toBe(403);
    }
  });

  function personOf(role: RoleName): Person {
    const person = people.get(role);
    if (!person) throw new Error(`nobody is ${role}`);
    return person;
  }

  async function review(role: RoleName, resourceAttributes: object): Promise<boolean> {
    const answer = await personOf(role).call(
      'POST',
      '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      {
        spec: { resourceAttributes },
      },
    );
    expect(answer.status, answer.text).toBe(201);
    return answer.body.status.allowed;
  }

  /** Tries it without writing: was it allowed? */
  async function doIt(
    { group, plural, body, role }: Kind & { role: RoleName },
    verb: VerbName,
  ): Promise<boolean> {
    const collection = `${face(group)}/namespaces/crew/${plural}`;
    const person = personOf(role);
    const status = async () => {
      switch (verb) {
        case 'get':
          return (await person.call('GET', `${collection}/probe`)).status;
        case 'list':
          return (await person.call('GET', collection)).status;
        case 'watch':
          // A version of the future ends a watch that is allowed at once.
          return (await person.call('GET', `${collection}?watch=True&resourceVersion=900000000`)).status ===
            504
            ? 200
            : 403;
        case 'create':
          return (await person.call('POST', `${collection}?dryRun=All`, body('fresh'))).status;
        case 'update':
          return (await person.call('PUT', `${collection}/probe?dryRun=All`, body('probe'))).status;
        case 'patch':
          return raw(role, 'PATCH', `${collection}/probe?dryRun=All`, 'application/merge-patch+json', {});
        case 'delete':
          return (await person.call('DELETE', `${collection}/probe?dryRun=All`)).status;
        case 'deletecollection':
          return (await person.call('DELETE', `${collection}?dryRun=All&fieldSelector=metadata.name=probe`))
            .status;
      }
    };
    const code = await status();
    expect([200, 201, 403, 404], `${role} ${verb} ${plural}`).toContain(code);
    return code < 300;
  }

  async function raw(
    role: RoleName,
    method: string,
    path: string,
    type: string,
    body: object,
  ): Promise<number> {
    const answer = await fetch(server.url + path, {
      method,
      headers: {
        authorization: `Bearer ${personOf(role).token}`,
        'content-type': method === 'DELETE' ? 'application/json' : type,
      },
      body: JSON.stringify(method === 'DELETE' ? {} : body),
    });
    await answer.text();
    return answer.status;
  }
});

function botOf(name: string): object {
  return document('Bot', name, {
    ghostRef: { name: 'used' },
    shellRef: { name: 'Chat', namespace: 'public' },
    modelRef: { name: 'demo', namespace: 'public' },
  });
}

function teamOf(name: string): object {
  return document('Team', name, { collaborationModel: 'solo', members: [{ botRef: { name: 'used' } }] });
}

function face(group: string): string {
  return group === '' ? '/api/v1' : `/apis/${group}/v1`;
}

function core(kind: string, name: string, fields: object): object {
  return { apiVersion: 'v1', kind, metadata: { name }, ...fields };
}
