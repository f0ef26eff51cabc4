import { SignJWT } from 'jose';
import { describe, expect, test } from 'vitest';
import { signAccessToken, verifyAccessToken } from './access-token.ts';

const SECRET = new TextEncoder().encode('a secret of the test with many characters');
const NOW = 1_700_000_000_000;
const CLAIMS = { userId: 'u1', sessionId: 's1', epoch: 3 };

const good = async () => (await signAccessToken(SECRET, CLAIMS, { now: NOW, seconds: 900 })).token;
const base64 = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');

function forged(
  header: { alg: string },
  issuer = 'wegent',
  audience = 'wegent-api',
  secret: Uint8Array = SECRET,
): Promise<string> {
  return new SignJWT({ sid: 's1', epoch: 3 })
    .setProtectedHeader(header)
    .setSubject('u1')
    .setIssuer(issuer)
    .setAudience(audience)
    .setIssuedAt(NOW / 1000)
    .setExpirationTime(NOW / 1000 + 900)
    .sign(secret);
}

test('says what was signed', async () => {
  expect(await verifyAccessToken(SECRET, await good(), NOW + 899_000)).toEqual({
    ...CLAIMS,
    expiresAt: NOW + 900_000,
  });
});

test('is expired at its end, and says so', async () => {
  await expect(verifyAccessToken(SECRET, await good(), NOW + 900_000)).rejects.toMatchObject({
    reason: 'Unauthorized',
    details: { causes: [{ reason: 'TokenExpired' }] },
  });
});

describe('refuses', () => {
  const attacks: [string, () => Promise<string>][] = [
    [
      'another secret',
      () => forged({ alg: 'HS256' }, 'wegent', 'wegent-api', new TextEncoder().encode('x'.repeat(40))),
    ],
    ['another algorithm', () => forged({ alg: 'HS512' })],
    ['another issuer', () => forged({ alg: 'HS256' }, 'somebody')],
    ['another audience', () => forged({ alg: 'HS256' }, 'wegent', 'another-api')],
    ['a truncated token', async () => (await good()).slice(0, -5)],
    ['a token without its signature', async () => (await good()).replace(/[^.]+$/, '')],
    [
      'claims put under a good signature',
      async () => {
        const [header, , signature] = (await good()).split('.');
        return `${header}.${base64({ sub: 'admin', sid: 's1', epoch: 0, iss: 'wegent', aud: 'wegent-api', iat: 1, exp: 9e9 })}.${signature}`;
      },
    ],
    [
      'alg none',
      async () => {
        const [, payload] = (await good()).split('.');
        return `${base64({ alg: 'none', typ: 'JWT' })}.${payload}.`;
      },
    ],
    [
      'a token without an end',
      () =>
        new SignJWT({ sid: 's1', epoch: 3 })
          .setProtectedHeader({ alg: 'HS256' })
          .setSubject('u1')
          .setIssuer('wegent')
          .setAudience('wegent-api')
          .setIssuedAt()
          .sign(SECRET),
    ],
    ['noise', async () => 'not.a.token'],
    ['nothing', async () => ''],
  ];
  test.each(attacks)('%s', async (_name, make) => {
    await expect(verifyAccessToken(SECRET, await make(), NOW)).rejects.toMatchObject({
      reason: 'Unauthorized',
      details: { causes: [{ reason: 'TokenInvalid' }] },
    });
  });
});
