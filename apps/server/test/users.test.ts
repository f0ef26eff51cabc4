import { describe, expect, test } from 'vitest';
import { ADMIN_PASSWORD, type AuthApp, createAuthApp } from './support/auth-app.ts';

const ME = '/api/v1/users/me';
const KEYS = '/api/v1/users/me/api-keys';
const ADMIN_USERS = '/api/v1/admin/users';

async function newKey(app: AuthApp, token: string, body: Record<string, unknown> = { name: 'ci' }) {
  return (await app.call('POST', KEYS, { token, body })).body;
}

describe('the own account', () => {
  test('changes its profile and merges its preferences', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    await app.call('PATCH', ME, {
      token,
      body: { displayName: 'Ada', email: 'ada@example.org', preferences: { theme: 'dark', language: 'zh' } },
    });
    const { body } = await app.call('PATCH', ME, {
      token,
      body: { email: '', preferences: { language: null, size: 2 } },
    });
    expect(body).toMatchObject({ displayName: 'Ada', preferences: { theme: 'dark', size: 2 } });
    expect(body.preferences).not.toHaveProperty('language');
    expect(body).not.toHaveProperty('email');
    expect(JSON.stringify(body)).not.toMatch(/hash|argon/i);
  });

  test.each([
    ['role', { role: 'admin' }],
    ['namespace', { namespace: 'public' }],
    ['disabled', { disabled: false }],
    ['an e-mail address that is none', { email: 'ada' }],
    ['preferences without end', { preferences: { x: 'x'.repeat(70_000) } }],
  ])('refuses %s', async (_name, body) => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    expect((await app.call('PATCH', ME, { token, body })).status).toBe(422);
  });

  test('a new password needs the current one, ends all other sessions and lets this one go on', async () => {
    await using app = await createAuthApp();
    const [here, there] = [await app.signInAdmin(), await app.signInAdmin()];
    const change = (current: string, next = 'another password') =>
      app.call('PATCH', ME, { token: here.token, body: { password: { current, next } } });
    expect(await change('wrong password')).toMatchObject({
      status: 422,
      body: { details: { causes: [{ field: 'password.current' }] } },
    });
    expect((await change(ADMIN_PASSWORD, 'short')).status).toBe(422);
    const changed = await change(ADMIN_PASSWORD);
    expect(changed.status).toBe(200);
    expect((await app.call('GET', ME, { token: here.token })).status).toBe(401);
    expect((await app.call('GET', ME, { token: there.token })).status).toBe(401);
    expect((await app.call('POST', '/api/v1/auth/refresh', { cookie: there.cookie })).status).toBe(401);
    expect((await app.call('POST', '/api/v1/auth/refresh', { cookie: changed.cookie?.value })).status).toBe(
      200,
    );
    expect((await app.signIn('admin', 'another password')).user.username).toBe('admin');
    expect(
      (
        await app.call('POST', '/api/v1/auth/login', {
          body: { username: 'admin', password: ADMIN_PASSWORD },
        })
      ).status,
    ).toBe(401);
  });

  test('the current password cannot be guessed with a stolen token', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    const statuses: number[] = [];
    for (let i = 0; i < 7; i += 1) {
      statuses.push(
        (
          await app.call('PATCH', ME, {
            token,
            body: { password: { current: `guess ${i}`, next: 'my own password' } },
          })
        ).status,
      );
    }
    expect(statuses).toEqual([422, 422, 422, 422, 422, 429, 429]);
  });

  test('names of others are found, and nothing more of them', async () => {
    await using app = await createAuthApp();
    const admin = await app.signInAdmin();
    const bob = await app.newUser(admin.token, 'bob');
    await app.newUser(admin.token, 'bobby');
    const { user: gone } = await app.newUser(admin.token, 'bob.gone');
    await app.call('PATCH', `${ADMIN_USERS}/${gone.id}`, { token: admin.token, body: { disabled: true } });
    const { body } = await app.call('GET', '/api/v1/users?search=BOB', { token: bob.token });
    expect(body.items.map((item: object) => Object.keys(item))).toEqual([
      ['id', 'username'],
      ['id', 'username'],
    ]);
    expect(body.items.map((item: { username: string }) => item.username)).toEqual(['bob', 'bobby']);
    expect((await app.call('GET', '/api/v1/users?search=%25', { token: bob.token })).body.items).toEqual([]);
    expect((await app.call('GET', '/api/v1/users?search=bob')).status).toBe(401);
  });
});

describe('API keys', () => {
  test('are shown once, work as a bearer, note their use and die at once', async () => {
    await using app = await createAuthApp();
    const { token, user } = await app.signInAdmin();
    const made = await newKey(app, token);
    expect(made.key).toMatch(/^wg_[A-Za-z0-9_-]{43}$/);
    expect(made.key.startsWith(made.prefix)).toBe(true);
    expect((await app.call('GET', ME, { token: made.key })).body.id).toBe(user.id);
    const { body } = await app.call('GET', KEYS, { token });
    expect(body.items).toHaveLength(1);
    expect(body.items[0]).toMatchObject({
      id: made.id,
      name: 'ci',
      lastUsedAt: new Date(app.clock.now).toISOString(),
    });
    expect(JSON.stringify(body)).not.toContain(made.key);
    expect(JSON.stringify(await app.store.apiKeys.ofUser(user.id))).not.toContain(made.key);
    expect((await app.call('DELETE', `${KEYS}/${made.id}`, { token })).status).toBe(204);
    expect((await app.call('GET', ME, { token: made.key })).status).toBe(401);
    expect((await app.call('DELETE', `${KEYS}/${made.id}`, { token })).status).toBe(404);
  });

  test('end when they say so', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    const past = await app.call('POST', KEYS, {
      token,
      body: { name: 'x', expiresAt: new Date(app.clock.now).toISOString() },
    });
    expect(past).toMatchObject({ status: 422, body: { details: { causes: [{ field: 'expiresAt' }] } } });
    const made = await newKey(app, token, {
      name: 'x',
      expiresAt: new Date(app.clock.now + 60_000).toISOString(),
    });
    expect(await app.auth.authenticate(made.key)).toMatchObject({
      via: 'api-key',
      expiresAt: app.clock.now + 60_000,
      sessionId: made.id,
    });
    app.clock.now += 60_000;
    expect((await app.call('GET', ME, { token: made.key })).body.details.causes[0].reason).toBe(
      'TokenExpired',
    );
  });

  test('cannot make what outlives them', async () => {
    await using app = await createAuthApp();
    const { token, user } = await app.signInAdmin();
    const bob = await app.newUser(token, 'bob');
    const { key } = await newKey(app, token);
    const forbidden = [
      await app.call('POST', KEYS, { token: key, body: { name: 'another' } }),
      await app.call('PATCH', ME, {
        token: key,
        body: { password: { current: ADMIN_PASSWORD, next: 'another password' } },
      }),
      await app.call('POST', `${ADMIN_USERS}/${user.id}/reset-password`, {
        token: key,
        body: { password: 'another password' },
      }),
      await app.call('POST', ADMIN_USERS, {
        token: key,
        body: { username: 'eve', password: 'long enough', role: 'admin' },
      }),
      await app.call('PATCH', `${ADMIN_USERS}/${bob.user.id}`, { token: key, body: { role: 'admin' } }),
    ];
    expect(forbidden.map(({ status }) => status)).toEqual([403, 403, 403, 403, 403]);
    expect(
      (
        await app.call('POST', ADMIN_USERS, {
          token: key,
          body: { username: 'eve', password: 'long enough' },
        })
      ).status,
    ).toBe(201);
  });

  test("somebody else's key looks like one that does not exist", async () => {
    await using app = await createAuthApp();
    const admin = await app.signInAdmin();
    const bob = await app.newUser(admin.token, 'bob');
    const { id, key } = await newKey(app, admin.token);
    const others = await app.call('DELETE', `${KEYS}/${id}`, { token: bob.token });
    const missing = await app.call('DELETE', `${KEYS}/nosuch`, { token: bob.token });
    expect(others.status).toBe(404);
    expect(others.body.message).toBe(missing.body.message.replace('nosuch', id));
    expect((await app.call('GET', ME, { token: key })).status).toBe(200);
    expect((await app.call('GET', KEYS, { token: bob.token })).body.items).toEqual([]);
  });

  test.each(['wg_', 'wg_x', `wg_${'A'.repeat(43)}`, 'WG_x', "wg_' or 1=1 --"])(
    '%j is refused',
    async (token) => {
      await using app = await createAuthApp();
      expect((await app.call('GET', ME, { token })).status).toBe(401);
    },
  );
});

describe('administration', () => {
  test('is closed to everybody else', async () => {
    await using app = await createAuthApp();
    const admin = await app.signInAdmin();
    const bob = await app.newUser(admin.token, 'bob');
    const calls = [
      await app.call('GET', ADMIN_USERS, { token: bob.token }),
      await app.call('POST', ADMIN_USERS, {
        token: bob.token,
        body: { username: 'eve', password: 'long enough' },
      }),
      await app.call('GET', `${ADMIN_USERS}/${admin.user.id}`, { token: bob.token }),
      await app.call('PATCH', `${ADMIN_USERS}/${bob.user.id}`, { token: bob.token, body: { role: 'admin' } }),
      await app.call('POST', `${ADMIN_USERS}/${admin.user.id}/reset-password`, {
        token: bob.token,
        body: { password: 'long enough' },
      }),
      await app.call('GET', '/api/v1/admin/audit', { token: bob.token }),
      await app.call('GET', '/api/v1/admin/system', { token: bob.token }),
    ];
    expect(calls.map(({ status, body }) => [status, body.reason])).toEqual(
      calls.map(() => [403, 'Forbidden']),
    );
  });

  test('makes accounts with their namespace, and pages through them', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    for (const username of ['carol', 'Bob', 'dave']) await app.newUser(token, username);
    expect((await app.store.namespaces.get('Bob'))?.type).toBe('personal');
    const first = await app.call('GET', `${ADMIN_USERS}?limit=3`, { token });
    expect(first.body.items.map((user: { username: string }) => user.username)).toEqual([
      'admin',
      'Bob',
      'carol',
    ]);
    const second = await app.call('GET', `${ADMIN_USERS}?limit=3&continue=${first.body.metadata.continue}`, {
      token,
    });
    expect(second.body).toMatchObject({ items: [{ username: 'dave' }], metadata: {} });
    expect((await app.call('GET', `${ADMIN_USERS}?continue=made-up`, { token })).status).toBe(400);
    expect((await app.call('GET', `${ADMIN_USERS}?search=aro`, { token })).body.items).toHaveLength(1);
  });

  test.each([
    ['public', 422],
    ['Default', 422],
    ['../etc', 422],
    ['bob\u0000', 422],
    ['böb', 422],
    ['a..b', 422],
    ['x'.repeat(51), 422],
    ['ADMIN', 409],
    ['red', 409],
  ])('the name %j is refused with %i', async (username, expected) => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    await app.call('POST', '/api/v1/namespaces', { token, body: { metadata: { name: 'red' } } });
    const { status, body } = await app.call('POST', ADMIN_USERS, {
      token,
      body: { username, password: 'long enough' },
    });
    expect(status).toBe(expected);
    if (username === 'red') expect(body.message).toContain('namespaces "red" already exists');
    expect(await app.store.users.count({})).toBe(1);
  });

  test('two accounts of one name at the same time: one is made', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    const make = (username: string) =>
      app.call('POST', ADMIN_USERS, { token, body: { username, password: 'long enough' } });
    const results = await Promise.all([make('bob'), make('BOB'), make('Bob')]);
    expect(results.map(({ status }) => status).sort()).toEqual([201, 409, 409]);
  });

  test('a changed role counts at once and ends the sockets of who lost it', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    const bob = await app.newUser(token, 'bob');
    const { key } = await newKey(app, bob.token);
    const revoked: string[] = [];
    app.auth.onRevoked((userId) => revoked.push(userId));
    const setRole = (role: string) =>
      app.call('PATCH', `${ADMIN_USERS}/${bob.user.id}`, { token, body: { role } });
    expect((await app.call('GET', ADMIN_USERS, { token: key })).status).toBe(403);
    await setRole('admin');
    expect((await app.call('GET', ADMIN_USERS, { token: key })).status).toBe(200);
    expect(revoked).toEqual([]);
    await setRole('user');
    expect((await app.call('GET', ADMIN_USERS, { token: key })).status).toBe(403);
    expect(revoked).toEqual([bob.user.id]);
  });

  test('the last active administrator stays, even when two demote each other', async () => {
    await using app = await createAuthApp();
    const admin = await app.signInAdmin();
    const patch = (token: string, userId: string, body: object) =>
      app.call('PATCH', `${ADMIN_USERS}/${userId}`, { token, body });
    expect((await patch(admin.token, admin.user.id, { role: 'user' })).status).toBe(409);
    expect((await patch(admin.token, admin.user.id, { disabled: true })).status).toBe(409);
    expect((await app.call('GET', ME, { token: admin.token })).body.role).toBe('admin');
    const eve = await app.newUser(admin.token, 'eve', 'admin');
    const results = await Promise.all([
      patch(admin.token, eve.user.id, { role: 'user' }),
      patch(eve.token, admin.user.id, { disabled: true }),
    ]);
    expect(results.filter(({ status }) => status === 200)).toHaveLength(1);
    expect(await app.store.users.count({ role: 'admin', disabled: false })).toBe(1);
  });

  test('a reset password ends the sessions of its owner', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    const bob = await app.newUser(token, 'bob');
    expect(
      (
        await app.call('POST', `${ADMIN_USERS}/${bob.user.id}/reset-password`, {
          token,
          body: { password: 'given by an admin' },
        })
      ).status,
    ).toBe(204);
    expect((await app.call('GET', ME, { token: bob.token })).status).toBe(401);
    expect((await app.signIn('bob', 'given by an admin')).user.username).toBe('bob');
    expect(
      (
        await app.call('POST', `${ADMIN_USERS}/nosuch/reset-password`, {
          token,
          body: { password: 'long enough' },
        })
      ).status,
    ).toBe(404);
  });

  test('the audit trail says who did what, newest first, in pages', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    const bob = await app.newUser(token, 'bob');
    await app.call('PATCH', `${ADMIN_USERS}/${bob.user.id}`, { token, body: { role: 'admin' } });
    await app.audit.settled();
    const page = await app.call('GET', '/api/v1/admin/audit?kind=User&name=bob&limit=2', { token });
    expect(page.body.items).toMatchObject([
      {
        action: 'user-update',
        username: 'admin',
        name: 'bob',
        detail: { role: 'admin' },
        address: '127.0.0.1',
      },
      { action: 'login', username: 'bob' },
    ]);
    const rest = await app.call(
      'GET',
      `/api/v1/admin/audit?kind=User&name=bob&limit=2&continue=${page.body.metadata.continue}`,
      { token },
    );
    expect(rest.body.items).toMatchObject([{ action: 'user-create', username: 'admin' }]);
    expect(rest.body.metadata).toEqual({});
  });

  test('the system says what runs and how much there is', async () => {
    await using app = await createAuthApp();
    const { token } = await app.signInAdmin();
    app.clock.now += 61_500;
    const { body } = await app.call('GET', '/api/v1/admin/system', { token });
    expect(body).toMatchObject({
      version: '0.0.0-test',
      uptimeSeconds: 61,
      database: 'sqlite',
      counts: { users: 1, administrators: 1, namespaces: 2, resources: { teams: 0 } },
    });
  });
});
