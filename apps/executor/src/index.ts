/**
 * @wegent/executor — runs in a sandbox, one for each task: makes the work tree ready, runs the agents' turns in it and
 * tells about them, shows files and changes, commits and pushes. It has no secret but its own token, and no network but
 * the manager's gateway. `main.ts` is the program; `createExecutor` is it for tests.
 */
export { createExecutor, type Executor, type ExecutorOptions } from './executor.ts';
