import type { Principal } from './principal.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends the request; set before the handler of every route that is not public. */
    principal: Principal;
  }
  interface FastifyContextConfig {
    /** The route needs no token. */
    public?: boolean;
  }
}
