/**
 * @wegent/sandbox — where agents run.
 *
 * The port is `sandbox.ts`; `memory.ts` has no walls and serves tests of the manager. Every driver passes
 * `test/contract.ts`; a new one is one file here.
 * It may import `@wegent/api` and what its drivers need.
 */
export * from './memory.ts';
export * from './sandbox.ts';
