/**
 * @wegent/testing — what tests of several packages share.
 *
 * Real servers (Redis, MariaDB, git over HTTP and SSH) of a test's own, temporary folders, free ports, waiting for state, and suites that
 * say what they need of the machine. Everything that has to end is an `AsyncDisposable` for `await using`.
 * For tests only: no package or app imports it outside `test/` and `*.test.ts`. It may import `@wegent/api`,
 * vitest and the drivers of the servers it starts, and is the one package that reads test settings from the
 * environment (`config.ts`).
 */
export * from './bare-repository.ts';
export * from './describe-with.ts';
export * from './dify-answers.ts';
export * from './dify-server.ts';
export * from './docker.ts';
export * from './end-with-test.ts';
export * from './engines-folder.ts';
export * from './find-program.ts';
export * from './free-port.ts';
export * from './git-hosts/fake-git-host.ts';
export type { FakeGitHostType, FakeRepository } from './git-hosts/git-host-state.ts';
export * from './git-server.ts';
export * from './git-ssh-server.ts';
export * from './machine-lock.ts';
export * from './mariadb.ts';
export * from './redis.ts';
export * from './requirements.ts';
export * from './temporary-folder.ts';
export * from './wait-for.ts';
