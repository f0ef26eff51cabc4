/**
 * @wegent/sandbox — where agents run.
 *
 * The port is `sandbox.ts`, and `openSandboxDriver` finds the driver that works on this host. `local/` uses bubblewrap,
 * `docker/` containers, `unsafe-process.ts` no walls at all; what the first and the last share is `process/`.
 * `memory.ts` serves tests of the manager. Every driver passes `test/contract.ts`; a new one is one folder here.
 * It may import `@wegent/api` and what its drivers need.
 */
export * from './limits.ts';
export * from './local/host-users.ts';
export * from './local/local-driver.ts';
export * from './local/probe-local.ts';
export * from './memory.ts';
export * from './open-sandbox-driver.ts';
export * from './ports.ts';
export * from './sandbox.ts';
export * from './unsafe-process.ts';
