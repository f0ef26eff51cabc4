import rateLimit from '@fastify/rate-limit';
import { ApiError } from '@wegent/api';
import type { FastifyRequest } from 'fastify';
import type { App } from '../http/app-type.ts';
import { isApi } from '../http/is-api.ts';
import { network } from './login-throttle.ts';

/** Requests in one window; its length makes the burst twice the rate per second. */
export interface RateLimits {
  windowMs: number;
  signedIn: number;
  anonymous: number;
}

/** 1,000 requests/s of one principal and 50/s of one address that has not signed in. */
const DEFAULT_LIMITS: RateLimits = { windowMs: 2_000, signedIn: 2_000, anonymous: 100 };

/**
 * Limits what people and programs ask of the API; health, metrics, the screen's files and the managers' calls
 * are not counted. Register it before the routes. `keyOf` names the principal of a request, once it is known.
 */
export async function registerRateLimit(
  app: App,
  options: { keyOf: (request: FastifyRequest) => string | undefined; limits?: RateLimits },
): Promise<void> {
  const { keyOf, limits = DEFAULT_LIMITS } = options;
  const principalKey = (request: FastifyRequest) => {
    const key = keyOf(request);
    return key === undefined ? undefined : `principal:${key}`;
  };

  await app.register(rateLimit, {
    timeWindow: limits.windowMs,
    max: (request) => (principalKey(request) === undefined ? limits.anonymous : limits.signedIn),
    keyGenerator: (request) => principalKey(request) ?? `address:${network(request.ip)}`,
    allowList: (request) => !isApi(request),
    errorResponseBuilder: (_request, { ttl }) => {
      const seconds = Math.max(1, Math.ceil(ttl / 1000));
      return new ApiError('TooManyRequests', `too many requests; try again in ${seconds} s`, {
        details: { retryAfterSeconds: seconds },
      });
    },
  });
}
