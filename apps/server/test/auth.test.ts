import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { ADMIN_PASSWORD, createAuthApp, JWT_SECRET } from './support/auth-app.ts';

const LOGIN = '/api/v1/auth/login';
const REFRESH = '/api/v1/auth/refresh';
const LOGOUT = '/api/v1/auth/logout';
const SETUP = '/api/v1/auth/setup';
const ME = '/api/v1/users/me';

describe('sign-in', () => {
  test('gives a token, the user, and a cookie that scripts and other sites cannot use', async () => {
    await using app = await createAuthApp();
    const { status, body, cookie, headers } = await app.call('POST', LOGIN, {
      body: { username: 'admin', password: ADMIN_PASSWORD },
    });
    expect(status).toBe(200);
    expect(body.user).toMatchObject({
      username: 'admin',
      role: 'admin',
      namespace: 'default',
      disabled: false,
    });
    expect(JSON.stringify(body)).not.toContain('argon2');
    expect(Date.parse(body.expiresAt) - app.clock.now).toBe(900_000);
    expect(cookie).toMatchObject({ httpOnly: true, sameSite: 'Strict', path: '/api/v1/auth' });
    expect(cookie?.secure).toBeUndefined();
    expect(headers['cache-control']).toBe('no-store');
    expect((await app.call('GET', ME, { token: body.accessToken })).body.username).toBe('admin');
  });

  test('the cookie is Secure behind https', async () => {
    await using app = await createAuthApp({ config: { publicUrl: 'https://wegent.example' } });
    const { cookie } = await app.call('POST', LOGIN, {
      body: { username: 'admin', password: ADMIN_PASSWORD },
    });
    expect(cookie?.secure).toBe(true);
  });

  test('compares the name without case', async () => {
    await using app = await createAuthApp();
    expect((await app.signIn('ADMIN', ADMIN_PASSWORD)).user.username).toBe('admin');
  });

  test('every failure has the same answer, whether the name exists or not', async () => {
    await using app = await createAuthApp();
    const names = [
      'admin',
      'nobody',
      '../admin',
      'admin\u0000',
      'ａｄｍｉｎ',
      "admin' or 1=1 --",
      'a'.repeat(200),
      ' admin',
    ];
    const answers = await Promise.all(
      names.map((username) => app.call('POST', LOGIN, { body: { username, password: 'wrong password' } })),
    );
    for (const answer of answers) {
      expect(answer.status).toBe(401);
      expect(answer.body).toEqual(answers[0]?.body);
      expect(answer.cookie).toBeUndefined();
    }
    expect(answers[0]?.body).toMatchObject({
      kind: 'Status',
      reason: 'Unauthorized',
      message: 'the user name or the password is wrong',
    });
  });

  test.each([
    ['a name of 300 characters', { username: 'a'.repeat(300), password: 'x' }],
    ['no password', { username: 'admin' }],
    ['a password that is an object', { username: 'admin', password: { $ne: '' } }],
    ['a name that is a list', { username: ['admin'], password: 'x' }],
    ['a field that does not exist', { username: 'admin', password: 'x', role: 'admin' }],
    ['a password of two megabytes', { username: 'admin', password: 'x'.repeat(800_000) }],
  ])('%s is refused before any work', async (_name, body) => {
    await using app = await createAuthApp();
    expect((await app.call('POST', LOGIN, { body })).status).toBe(422);
  });

  test('wrong passwords lead to 429 with Retry-After, from that address only', async () => {
    await using app = await createAuthApp();
    const attempt = (password: string, address: string) =>
      app.call('POST', LOGIN, { body: { username: 'admin', password }, address });
    for (let i = 0; i < 5; i += 1) expect((await attempt('wrong password', '192.0.2.1')).status).toBe(401);
    const refused = await attempt(ADMIN_PASSWORD, '192.0.2.1');
    expect(refused.status).toBe(429);
    expect(refused.headers['retry-after']).toBe('2');
    expect(refused.body).toMatchObject({ reason: 'TooManyRequests', details: { retryAfterSeconds: 2 } });
    expect((await attempt(ADMIN_PASSWORD, '192.0.2.2')).status).toBe(200);
    app.clock.now += 2_000;
    expect((await attempt(ADMIN_PASSWORD, '192.0.2.1')).status).toBe(200);
  });

  test('ordinary sign-ins are never slowed down', async () => {
    await using app = await createAuthApp();
    const results = await Promise.all(
      Array.from({ length: 30 }, () =>
        app.call('POST', LOGIN, { body: { username: 'admin', password: ADMIN_PASSWORD } }),
      ),
    );
    expect(results.map(({ status }) => status)).toEqual(Array(30).fill(200));
  });

  test('is written to the audit trail, without the password', async () => {
    await using app = await createAuthApp();
    await app.call('POST', LOGIN, { body: { username: 'my secret password!', password: 'wrong password' } });
    await app.call('POST', LOGIN, { body: { username: 'admin', password: 'wrong password' } });
    const { token } = await app.signInAdmin();
    await app.audit.settled();
    const { body } = await app.call('GET', '/api/v1/admin/audit', { token });
    expect(
      body.items.map((entry: { action: string; username: string }) => [entry.action, entry.username]),
    ).toEqual([
      ['login', 'admin'],
      ['login-failed', 'admin'],
      ['login-failed', '(no user name)'],
    ]);
    expect(JSON.stringify(body)).not.toMatch(/wrong password|secret password/);
  });
});

describe('access tokens', () => {
  const claims = (userId: string, over: Record<string, unknown> = {}) => ({
    sub: userId,
    sid: 'x',
    epoch: 0,
    ...over,
  });
  async function sign(
    payload: Record<string, unknown>,
    options: { alg?: string; secret?: Uint8Array; aud?: string; exp?: number } = {},
  ) {
    return new SignJWT(payload)
      .setProtectedHeader({ alg: options.alg ?? 'HS256' })
      .setIssuer('wegent')
      .setAudience(options.aud ?? 'wegent-api')
      .setIssuedAt(1_767_225_000)
      .setExpirationTime(options.exp ?? 1_767_229_999)
      .sign(options.secret ?? JWT_SECRET);
  }

  test('attacks are refused and say unauthorized, age says expired', async () => {
    await using app = await createAuthApp();
    const { token, user } = await app.signInAdmin();
    const [header = '', payload = ''] = token.split('.');
    const none = `${Buffer.from('{"alg":"none","typ":"JWT"}').toString('base64url')}.${payload}.`;
    const refused = async (bad: string | undefined) => {
      const { status, body } = await app.call('GET', ME, { token: bad });
      expect(status).toBe(401);
      return body.details.causes[0].reason;
    };
    expect(await refused(undefined)).toBe('TokenMissing');
    expect(await refused(none)).toBe('TokenInvalid');
    expect(await refused(token.slice(0, -3))).toBe('TokenInvalid');
    expect(await refused(`${header}.${payload}.`)).toBe('TokenInvalid');
    expect(await refused(await sign(claims(user.id), { secret: new Uint8Array(40) }))).toBe('TokenInvalid');
    expect(await refused(await sign(claims(user.id), { aud: 'somebody' }))).toBe('TokenInvalid');
    expect(await refused(await sign(claims(user.id), { alg: 'HS384' }))).toBe('TokenInvalid');
    expect(await refused(await sign(claims('nobody')))).toBe('TokenInvalid');
    expect(await refused(await sign(claims(user.id, { epoch: 7 })))).toBe('TokenInvalid');
    expect(await refused(await sign(claims(user.id), { exp: 1_767_225_001 }))).toBe('TokenExpired');
    expect(await refused('x'.repeat(10_000))).toBe('TokenInvalid');
    app.clock.now += 900_000;
    expect(await refused(token)).toBe('TokenExpired');
  });

  test('a disabled user is out at once, with tokens, refresh cookie and API keys', async () => {
    await using app = await createAuthApp();
    const admin = await app.signInAdmin();
    const bob = await app.newUser(admin.token, 'bob');
    const key = (await app.call('POST', `${ME}/api-keys`, { token: bob.token, body: { name: 'ci' } })).body
      .key;
    expect((await app.call('GET', ME, { token: key })).status).toBe(200);
    const revoked: string[] = [];
    app.auth.onRevoked((userId) => revoked.push(userId));

    await app.call('PATCH', `/api/v1/admin/users/${bob.user.id}`, {
      token: admin.token,
      body: { disabled: true },
    });
    expect(revoked).toEqual([bob.user.id]);
    expect((await app.call('GET', ME, { token: bob.token })).status).toBe(401);
    expect((await app.call('GET', ME, { token: key })).status).toBe(401);
    expect((await app.call('POST', REFRESH, { cookie: bob.cookie })).status).toBe(401);
    const login = await app.call('POST', LOGIN, { body: { username: 'bob', password: bob.password } });
    expect(login).toMatchObject({
      status: 401,
      body: { details: { causes: [{ reason: 'AccountDisabled' }] } },
    });

    await app.call('PATCH', `/api/v1/admin/users/${bob.user.id}`, {
      token: admin.token,
      body: { disabled: false },
    });
    expect((await app.call('GET', ME, { token: bob.token })).status).toBe(401);
    expect((await app.call('GET', ME, { token: key })).status).toBe(200);
  });

  test('other replicas hear of it over the bus', async () => {
    await using first = await createAuthApp();
    await using second = await createAuthApp({ store: first.store, bus: first.bus });
    const admin = await first.signInAdmin();
    const bob = await first.newUser(admin.token, 'bob');
    expect((await second.call('GET', ME, { token: bob.token })).status).toBe(200);
    const heard = Promise.withResolvers<string>();
    second.auth.onRevoked(heard.resolve);
    await first.call('PATCH', `/api/v1/admin/users/${bob.user.id}`, {
      token: admin.token,
      body: { disabled: true },
    });
    expect(await heard.promise).toBe(bob.user.id);
    expect((await second.call('GET', ME, { token: bob.token })).status).toBe(401);
  });
});

describe('refresh', () => {
  test('rotates, and a token that comes twice ends the family, access tokens included', async () => {
    await using app = await createAuthApp();
    const { cookie, token } = await app.signInAdmin();
    const ended: string[] = [];
    app.auth.onSessionEnded((sessionId) => ended.push(sessionId));
    const second = await app.call('POST', REFRESH, { cookie });
    expect(second.status).toBe(200);
    expect(second.cookie?.value).not.toBe(cookie);
    const third = await app.call('POST', REFRESH, { cookie: second.cookie?.value });
    expect(third.status).toBe(200);

    expect((await app.call('POST', REFRESH, { cookie })).status).toBe(401);
    expect(ended).toHaveLength(1);
    expect((await app.call('POST', REFRESH, { cookie: third.cookie?.value })).status).toBe(401);
    expect((await app.call('GET', ME, { token: third.body.accessToken })).status).toBe(401);
    expect((await app.call('GET', ME, { token })).status).toBe(401);
  });

  test('two at once with one token: at most one is answered, and the family ends', async () => {
    await using app = await createAuthApp();
    const { cookie } = await app.signInAdmin();
    const results = await Promise.all([1, 2, 3].map(() => app.call('POST', REFRESH, { cookie })));
    expect(results.filter(({ status }) => status === 200).length).toBeLessThanOrEqual(1);
    for (const { cookie: next } of results) {
      if (next?.value) expect((await app.call('POST', REFRESH, { cookie: next.value })).status).toBe(401);
    }
  });

  test('another session of the same person goes on', async () => {
    await using app = await createAuthApp();
    const [phone, laptop] = [await app.signInAdmin(), await app.signInAdmin()];
    await app.call('POST', REFRESH, { cookie: phone.cookie });
    await app.call('POST', REFRESH, { cookie: phone.cookie });
    expect((await app.call('GET', ME, { token: laptop.token })).status).toBe(200);
    expect((await app.call('POST', REFRESH, { cookie: laptop.cookie })).status).toBe(200);
  });

  test('a cookie that is missing, made up, an access token or too old is refused', async () => {
    await using app = await createAuthApp();
    const { cookie, token } = await app.signInAdmin();
    for (const bad of [undefined, 'wgr_made-up', token, ''])
      expect((await app.call('POST', REFRESH, { cookie: bad })).status).toBe(401);
    app.clock.now += 31 * 24 * 60 * 60_000;
    expect((await app.call('POST', REFRESH, { cookie })).status).toBe(401);
  });

  test.each([
    ['from a page of another site', { origin: 'https://evil.example' }, 403],
    ['from a sandboxed page', { origin: 'null' }, 403],
    ['of another site, without Origin', { 'sec-fetch-site': 'cross-site' }, 403],
    ['from our own page', { origin: 'http://127.0.0.1:3000', 'sec-fetch-site': 'same-origin' }, 200],
    ['under another name of this host', { origin: 'http://localhost:80', host: 'localhost' }, 200],
    ['from a program', {}, 200],
  ])('a call %s', async (_name, headers, expected) => {
    await using app = await createAuthApp();
    const { cookie } = await app.signInAdmin();
    expect((await app.call('POST', REFRESH, { cookie, headers })).status).toBe(expected);
  });
});

describe('sign-out', () => {
  test('ends the session, its access token and its cookie, and is no error twice', async () => {
    await using app = await createAuthApp();
    const { cookie, token } = await app.signInAdmin();
    const other = await app.signInAdmin();
    const out = await app.call('POST', LOGOUT, { cookie });
    expect(out.status).toBe(204);
    expect(out.cookie).toMatchObject({ value: '', path: '/api/v1/auth' });
    expect((await app.call('POST', REFRESH, { cookie })).status).toBe(401);
    expect((await app.call('GET', ME, { token })).status).toBe(401);
    expect((await app.call('POST', LOGOUT, { cookie })).status).toBe(204);
    expect((await app.call('POST', LOGOUT)).status).toBe(204);
    expect((await app.call('GET', ME, { token: other.token })).status).toBe(200);
  });

  test('works with the access token alone', async () => {
    await using app = await createAuthApp();
    const { cookie, token } = await app.signInAdmin();
    expect((await app.call('POST', LOGOUT, { token })).status).toBe(204);
    expect((await app.call('GET', ME, { token })).status).toBe(401);
    expect((await app.call('POST', REFRESH, { cookie })).status).toBe(401);
  });

  test('everywhere ends all sessions of the person', async () => {
    await using app = await createAuthApp();
    const [phone, laptop] = [await app.signInAdmin(), await app.signInAdmin()];
    await app.call('POST', LOGOUT, { cookie: phone.cookie, body: { everywhere: true } });
    for (const { token, cookie } of [phone, laptop]) {
      expect((await app.call('GET', ME, { token })).status).toBe(401);
      expect((await app.call('POST', REFRESH, { cookie })).status).toBe(401);
    }
  });
});

describe('a fresh installation', () => {
  const fresh = { adminPassword: undefined };
  const tokenOf = (url: string | undefined) => new URL(url ?? '').searchParams.get('token') ?? '';

  test('prints a link that works once', async () => {
    await using app = await createAuthApp({ config: fresh });
    const setupToken = tokenOf(app.setupUrl);
    expect(app.setupUrl).toMatch(/^http:\/\/127\.0\.0\.1:3000\/setup\?token=.{43,}$/);
    expect((await app.call('GET', '/api/v1/auth/state')).body).toEqual({ setupRequired: true });
    expect(
      (await app.call('POST', SETUP, { body: { setupToken: 'guess', password: 'long enough' } })).status,
    ).toBe(401);

    const made = await app.call('POST', SETUP, {
      body: { setupToken, username: 'root', password: 'long enough' },
    });
    expect(made.body.user).toMatchObject({ username: 'root', role: 'admin', namespace: 'default' });
    expect((await app.call('GET', '/api/v1/auth/state')).body).toEqual({ setupRequired: false });
    expect(
      (await app.call('POST', SETUP, { body: { setupToken, username: 'second', password: 'long enough' } }))
        .status,
    ).toBe(401);
    expect(await app.store.users.count({})).toBe(1);
  });

  test('two at once: one wins', async () => {
    await using app = await createAuthApp({ config: fresh });
    const setupToken = tokenOf(app.setupUrl);
    const results = await Promise.all(
      ['a1', 'b2', 'c3'].map((username) =>
        app.call('POST', SETUP, { body: { setupToken, username, password: 'long enough' } }),
      ),
    );
    expect(results.map(({ status }) => status).sort()).toEqual([200, 401, 401]);
    expect(await app.store.users.count({})).toBe(1);
  });

  test('a new start makes a new link, and the old one stops working', async () => {
    await using app = await createAuthApp({ config: fresh });
    await using restarted = await createAuthApp({ config: fresh, store: app.store, bus: app.bus });
    const setup = (url: string | undefined) =>
      app.call('POST', SETUP, { body: { setupToken: tokenOf(url), password: 'long enough' } });
    expect((await setup(app.setupUrl)).status).toBe(401);
    expect((await setup(restarted.setupUrl)).body.user.username).toBe('admin');
    await using third = await createAuthApp({ config: fresh, store: app.store, bus: app.bus });
    expect(third.setupUrl).toBeUndefined();
  });

  test.each([
    'default',
    'PUBLIC',
    'system',
    '../x',
    'a b',
    'x\u0000',
    '-x',
    'ａｄｍｉｎ',
    'a'.repeat(300),
    '',
  ])('the name %j is refused', async (username) => {
    await using app = await createAuthApp({ config: fresh });
    const setupToken = tokenOf(app.setupUrl);
    const { status, body } = await app.call('POST', SETUP, {
      body: { setupToken, username, password: 'long enough' },
    });
    expect(status).toBe(422);
    expect(body.details.causes[0].field).toBe('username');
    expect((await app.call('POST', SETUP, { body: { setupToken, password: 'long enough' } })).status).toBe(
      200,
    );
  });

  test('a configured password makes the account once and leaves it alone afterwards', async () => {
    await using app = await createAuthApp();
    await using again = await createAuthApp({
      store: app.store,
      bus: app.bus,
      config: { adminPassword: 'another password' },
    });
    expect(again.setupUrl).toBeUndefined();
    expect(
      (await again.call('POST', LOGIN, { body: { username: 'admin', password: 'another password' } })).status,
    ).toBe(401);
    expect((await again.signInAdmin()).user.username).toBe('admin');
  });

  test('an administrator name that cannot be one stops the start', async () => {
    await expect(createAuthApp({ config: { adminUsername: 'public' } })).rejects.toThrow(
      'WEGENT_ADMIN_USERNAME',
    );
  });
});

describe('rate limits', () => {
  test('count by principal, else by address, and answer a Status with Retry-After', async () => {
    await using app = await createAuthApp({ limits: { windowMs: 60_000, signedIn: 20, anonymous: 5 } });
    const { token } = await app.signInAdmin();
    const state = () => app.call('GET', '/api/v1/auth/state');
    for (let i = 0; i < 4; i += 1) expect((await state()).status).toBe(200);
    const refused = await state();
    expect(refused).toMatchObject({ status: 429, body: { kind: 'Status', reason: 'TooManyRequests' } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await app.call('GET', '/api/v1/auth/state', { address: '192.0.2.9' })).status).toBe(200);
    for (let i = 0; i < 20; i += 1) expect((await app.call('GET', ME, { token })).status).toBe(200);
    expect((await app.call('GET', ME, { token })).status).toBe(429);
  });
});
