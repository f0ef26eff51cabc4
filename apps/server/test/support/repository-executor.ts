import type { ExecutorAccess, ExecutorRepository } from '@wegent/api';

/** What the work tree of a task says of itself, as the suite wants it. */
export function createRepositoryExecutor() {
  let state: ExecutorRepository = { branch: '', baseBranch: 'main', uncommitted: 0, commits: 0, ahead: 0 };
  const access: ExecutorAccess = {
    async call(_context, { method, path }) {
      if (method !== 'GET' || path !== '/v1/repository') throw new Error(`not expected: ${method} ${path}`);
      return { status: 200, contentType: 'application/json', body: bytes(JSON.stringify(state)) };
    },
  };
  return {
    access,
    /** Changes what the work tree says. */
    says(change: Partial<ExecutorRepository>): void {
      state = { branch: state.branch, baseBranch: 'main', uncommitted: 0, commits: 0, ahead: 0, ...change };
    },
  };
}

async function* bytes(text: string): AsyncGenerator<Uint8Array> {
  yield Buffer.from(text);
}
