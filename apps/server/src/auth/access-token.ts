import { errors, jwtVerify, SignJWT } from 'jose';
import { z } from 'zod';
import { unauthorized } from './unauthorized.ts';

const ALGORITHM = 'HS256';
const ISSUER = 'wegent';
const AUDIENCE = 'wegent-api';

const Claims = z.object({
  sub: z.string().min(1),
  sid: z.string().min(1),
  epoch: z.number().int(),
  exp: z.number(),
});

/** What an access token says. `epoch` is the user's session epoch when it was made; times are ms since 1970. */
export interface AccessToken {
  userId: string;
  sessionId: string;
  epoch: number;
  expiresAt: number;
}

/** Signs a token; its times have whole seconds, so the answer says when it really ends. */
export async function signAccessToken(
  secret: Uint8Array,
  token: Omit<AccessToken, 'expiresAt'>,
  life: { now: number; seconds: number },
): Promise<{ token: string; expiresAt: number }> {
  const issuedAt = Math.floor(life.now / 1000);
  const expires = issuedAt + life.seconds;
  const signed = await new SignJWT({ sid: token.sessionId, epoch: token.epoch })
    .setProtectedHeader({ alg: ALGORITHM, typ: 'JWT' })
    .setSubject(token.userId)
    .setIssuer(ISSUER)
    .setAudience(AUDIENCE)
    .setIssuedAt(issuedAt)
    .setExpirationTime(expires)
    .sign(secret);
  return { token: signed, expiresAt: expires * 1000 };
}

/** Checks signature, algorithm, issuer, audience and end of a token; throws `Unauthorized`. */
export async function verifyAccessToken(
  secret: Uint8Array,
  token: string,
  now: number,
): Promise<AccessToken> {
  const claims = Claims.safeParse(await verifiedPayload(secret, token, now));
  if (!claims.success) throw unauthorized('TokenInvalid', 'the access token is not valid', claims.error);
  const { sub, sid, epoch, exp } = claims.data;
  return { userId: sub, sessionId: sid, epoch, expiresAt: exp * 1000 };
}

async function verifiedPayload(secret: Uint8Array, token: string, now: number): Promise<unknown> {
  try {
    const { payload } = await jwtVerify(token, secret, {
      algorithms: [ALGORITHM],
      issuer: ISSUER,
      audience: AUDIENCE,
      requiredClaims: ['sub', 'exp', 'iat'],
      currentDate: new Date(now),
    });
    return payload;
  } catch (error) {
    if (error instanceof errors.JWTExpired)
      throw unauthorized('TokenExpired', 'the access token has expired', error);
    throw unauthorized('TokenInvalid', 'the access token is not valid', error);
  }
}
