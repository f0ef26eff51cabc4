import { describe, expect, test } from 'vitest';
import type { Principal } from '../src/auth/principal.ts';
import { type AuthApp, createAuthApp } from './support/auth-app.ts';

async function people(app: AuthApp) {
  const admin = await app.signInAdmin();
  const [alice, bob] = [await app.newUser(admin.token, 'alice'), await app.newUser(admin.token, 'bob')];
  const principal = (token: string): Promise<Principal> => app.auth.authenticate(token);
  return {
    admin,
    alice,
    bob,
    asAdmin: await principal(admin.token),
    asAlice: await principal(alice.token),
    asBob: await principal(bob.token),
  };
}

describe('rights', () => {
  test('everybody owns their namespace and reads public; administrators own public and nothing of others', async () => {
    await using app = await createAuthApp();
    const { asAdmin, asAlice } = await people(app);
    expect(await app.access.roleIn(asAlice, 'alice')).toBe('Owner');
    expect(await app.access.roleIn(asAlice, 'public')).toBe('Reporter');
    expect(await app.access.roleIn(asAlice, 'bob')).toBeUndefined();
    expect(await app.access.roleIn(asAlice, 'default')).toBeUndefined();
    expect(await app.access.roleIn(asAlice, 'nosuch')).toBeUndefined();
    expect(await app.access.roleIn(asAdmin, 'public')).toBe('Owner');
    expect(await app.access.roleIn(asAdmin, 'default')).toBe('Owner');
    expect(await app.access.roleIn(asAdmin, 'alice')).toBeUndefined();
    expect((await app.access.readableNamespaces(asAlice)).sort()).toEqual(['alice', 'public']);
    expect((await app.access.readableNamespaces(asAdmin)).sort()).toEqual(['default', 'public']);
  });

  test('a namespace that is not yours looks like one that does not exist', async () => {
    await using app = await createAuthApp();
    const { asAlice } = await people(app);
    for (const verb of ['get', 'create', 'delete', 'list'] as const) {
      const refusal = async (namespace: string) => {
        const error = await app.access
          .authorise(asAlice, { verb, kind: 'Team', namespace, name: 'x' })
          .catch((caught: Error) => caught);
        return {
          ...error,
          message: error instanceof Error ? error.message.replaceAll(namespace, '…') : 'allowed',
        };
      };
      expect(await refusal('bob')).toEqual(await refusal('nosuch'));
    }
  });

  test('speaks the words of Kubernetes', async () => {
    await using app = await createAuthApp();
    const { asAlice, asAdmin } = await people(app);
    await expect(
      app.access.authorise(asAlice, { verb: 'get', kind: 'Team', namespace: 'bob', name: 'x' }),
    ).rejects.toMatchObject({
      reason: 'NotFound',
      message: 'teams.agent.wecode.io "x" not found',
      details: { name: 'x', group: 'agent.wecode.io', kind: 'teams' },
    });
    await expect(
      app.access.authorise(asAlice, { verb: 'delete', kind: 'Ghost', namespace: 'public', name: 'reviewer' }),
    ).rejects.toMatchObject({
      reason: 'Forbidden',
      message:
        'ghosts.agent.wecode.io "reviewer" is forbidden: User "alice" cannot delete resource "ghosts" in API group "agent.wecode.io" in the namespace "public"',
    });
    await expect(
      app.access.authorise(asAlice, { verb: 'create', kind: 'Secret', namespace: 'public' }),
    ).rejects.toMatchObject({
      message:
        'secrets is forbidden: User "alice" cannot create resource "secrets" in API group "" in the namespace "public"',
    });
    await expect(
      app.access.authorise(asAdmin, { verb: 'create', kind: 'Bot', namespace: 'nosuch' }),
    ).rejects.toMatchObject({
      reason: 'NotFound',
      message: 'namespaces "nosuch" not found',
    });
  });
});

describe('groups', () => {
  const GROUPS = '/api/v1/namespaces';

  test('membership takes effect at once, in both directions', async () => {
    await using app = await createAuthApp();
    const { alice, bob, asBob } = await people(app);
    const made = await app.call('POST', GROUPS, {
      token: alice.token,
      body: { metadata: { name: 'team.red' } },
    });
    expect(made).toMatchObject({
      status: 201,
      body: {
        kind: 'Namespace',
        metadata: { name: 'team.red', labels: { 'agent.wecode.io/namespace-type': 'group' } },
      },
    });
    expect(await app.access.can(asBob, 'get', 'Team', 'team.red')).toBe(false);
    const set = (role: string) =>
      app.call('PUT', `${GROUPS}/team.red/members/BOB`, { token: alice.token, body: { role } });
    expect((await set('Developer')).body).toMatchObject({ username: 'bob', role: 'Developer' });
    expect(await app.access.can(asBob, 'create', 'Team', 'team.red')).toBe(true);
    expect(await app.access.can(asBob, 'delete', 'Team', 'team.red')).toBe(false);
    await set('Reporter');
    expect(await app.access.can(asBob, 'create', 'Team', 'team.red')).toBe(false);
    expect((await app.call('DELETE', `${GROUPS}/team.red/members/bob`, { token: alice.token })).status).toBe(
      204,
    );
    expect(await app.access.can(asBob, 'get', 'Team', 'team.red')).toBe(false);
    expect((await app.call('GET', `${GROUPS}/team.red`, { token: bob.token })).status).toBe(404);
  });

  test('no role makes somebody more than itself', async () => {
    await using app = await createAuthApp();
    const { admin, alice, bob } = await people(app);
    await app.call('POST', GROUPS, { token: alice.token, body: { metadata: { name: 'red' } } });
    const set = (token: string, username: string, role: string) =>
      app.call('PUT', `${GROUPS}/red/members/${username}`, { token, body: { role } });
    expect((await set(bob.token, 'bob', 'Owner')).status).toBe(404);
    expect((await set(admin.token, 'admin', 'Owner')).status).toBe(404);
    await set(alice.token, 'bob', 'Developer');
    expect((await set(bob.token, 'bob', 'Owner')).status).toBe(403);
    await set(alice.token, 'bob', 'Maintainer');
    expect((await set(bob.token, 'bob', 'Owner')).status).toBe(403);
    expect((await set(bob.token, 'alice', 'Reporter')).status).toBe(403);
    expect((await app.call('DELETE', `${GROUPS}/red/members/alice`, { token: bob.token })).status).toBe(403);
    expect((await app.call('DELETE', `${GROUPS}/red/members/alice`, { token: alice.token })).status).toBe(
      409,
    );
    expect((await app.call('DELETE', `${GROUPS}/red/members/bob`, { token: bob.token })).status).toBe(204);
    expect(
      (await app.call('PUT', `${GROUPS}/public/members/bob`, { token: admin.token, body: { role: 'Owner' } }))
        .status,
    ).toBe(403);
  });

  test('lists are core v1 objects of what one may read', async () => {
    await using app = await createAuthApp();
    const { alice } = await people(app);
    const { body } = await app.call('GET', GROUPS, { token: alice.token });
    expect(body).toMatchObject({
      kind: 'NamespaceList',
      apiVersion: 'v1',
      metadata: { resourceVersion: expect.any(String) },
    });
    expect(body.items.map((item: { metadata: { name: string } }) => item.metadata.name)).toEqual([
      'alice',
      'public',
    ]);
    expect(body.items[0]).toMatchObject({
      metadata: {
        labels: { 'kubernetes.io/metadata.name': 'alice' },
        annotations: { 'agent.wecode.io/role': 'Owner' },
      },
      status: { phase: 'Active' },
    });
    const missing = await app.call('GET', `${GROUPS}/nosuch`, { token: alice.token });
    const others = await app.call('GET', `${GROUPS}/bob`, { token: alice.token });
    expect(others.status).toBe(404);
    expect(others.body.message).toBe(missing.body.message.replace('nosuch', 'bob'));
  });

  test.each(['alice', 'ALICE', 'admin', 'red'])('the taken name %s is refused', async (name) => {
    await using app = await createAuthApp();
    const { alice } = await people(app);
    await app.call('POST', GROUPS, { token: alice.token, body: { metadata: { name: 'red' } } });
    expect(
      (await app.call('POST', GROUPS, { token: alice.token, body: { metadata: { name } } })).status,
    ).toBe(409);
  });
});
