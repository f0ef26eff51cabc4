/**
 * @wegent/manager — takes work from the queue and runs it on an engine.
 *
 * `createManager` is the library that the standalone process uses; `main.ts` is a process of its own, which reaches
 * the server over HTTP. One run: claim (`run.ts`), engine, events in batches (`event-sender.ts`), heartbeat and
 * orders (`lease.ts`), one `finish`. It opens no database; what it knows about a run is in its ExecutionSpec.
 * `sandboxes/` is where runs go that need one: the pool of sandboxes, the engine that passes their events on, what is
 * reported; `gateway/` is the only way out of a sandbox.
 * May import: @wegent/{api,blob,bus,queue,sandbox,engine,client}.
 */
export { createEngines, createOutbound, readInputForm, testModel } from '@wegent/engine';
export { SandboxEnvironment, type SandboxSettings, sandboxSettings } from './config.ts';
export { createHttpManagerLink, type HttpManagerLinkOptions } from './http-manager-link.ts';
export { createManager, type Manager, type ManagerConfig, type ManagerDeps } from './manager.ts';
export { createManagerMetrics, type ManagerMetrics } from './metrics.ts';
export { openSandboxHost, type SandboxHost } from './sandboxes/sandbox-host.ts';
export { registerSandboxMetrics } from './sandboxes/sandbox-metrics.ts';
