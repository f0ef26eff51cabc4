/**
 * @wegent/server — the platform's API: resources, tasks, chat, users, sockets.
 *
 * `compose.ts` wires everything by hand; `app.ts` is the HTTP side, `realtime/` the sockets.
 * It is the only writer of state and runs no agent. It may import api, kube, store, blob, bus and queue.
 */
export { composeServer } from './compose.ts';
export { configFaults, type GeneratedSecrets, readConfig, type ServerConfig } from './config.ts';
export type { Mount } from './http/mounts.ts';
export type { ListenOptions, ServerOptions, WegentServer } from './wegent-server.ts';
