import type { FastifyRequest } from 'fastify';

const API = /^\/apis?(\/|$|\?)/;

/**
 * Does the request go to the API? The route that answers it counts besides what the client wrote, since the router
 * takes `/%61pi` for `/api`.
 */
export function isApi({ url, routeOptions }: Pick<FastifyRequest, 'url' | 'routeOptions'>): boolean {
  return API.test(url) || API.test(routeOptions.url ?? '');
}
