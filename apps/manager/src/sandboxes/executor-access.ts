import type { ExecutorAccess, ExecutorRequest, ExecutorResponse, SandboxContext } from '@wegent/api';
import type { Gateway } from '../gateway/gateway.ts';
import { workspaceForExecutor } from './executor-spec.ts';
import { createKeyedLock } from './keyed-lock.ts';
import type { SandboxLease, SandboxPool } from './sandbox-pool.ts';

/** Requests that speak to the git host and therefore need a way out. */
const NEEDS_GIT = /^\/v1\/(repository|git\/push)/;

/**
 * Calls of the server to the executor of a task: starts the sandbox where none lives and makes its work tree ready.
 * While a call runs that speaks to the git host, and only then, the sandbox reaches it.
 */
export function createExecutorAccess({
  pool,
  gateway,
}: {
  /** Rejects when there are no sandboxes here. */
  pool: () => Promise<SandboxPool>;
  gateway: Gateway;
}): ExecutorAccess {
  /** Sandboxes whose work tree was made ready since they started. */
  const ready = new WeakSet<object>();
  // A sandbox has one token for calls: the next call that needs it waits until the one before is over.
  const lock = createKeyedLock();

  async function prepare(
    context: SandboxContext,
    lease: SandboxLease,
    needsGit: boolean,
  ): Promise<() => void> {
    const { live } = lease;
    const isBusy = live.executionIds.size > 0;
    if (!needsGit && (isBusy || ready.has(live.sandbox))) return () => {};
    const pass = gateway.admit({
      socketPath: live.gatewaySocket,
      spec: context,
      onEgress: () => {},
      onUsage: () => {},
      readBlob: () => Promise.resolve(undefined),
    });
    try {
      await live.client.prepareWorkspace({
        ...(context.workspace ? { workspace: workspaceForExecutor(context.workspace) } : {}),
        runToken: pass.token,
      });
    } catch (cause) {
      pass.revoke();
      throw cause;
    }
    ready.add(live.sandbox);
    if (needsGit) return pass.revoke;
    pass.revoke();
    return () => {};
  }

  return {
    async call(context: SandboxContext, request: ExecutorRequest): Promise<ExecutorResponse> {
      const lease = await (await pool()).acquire({ context });
      const needsGit = NEEDS_GIT.test(request.path);
      const ended = Promise.withResolvers<void>();
      const end = () => {
        lease.release();
        ended.resolve();
      };
      const answering = Promise.withResolvers<ExecutorResponse>();
      const work = async () => {
        let revoke = () => {};
        try {
          revoke = await prepare(context, lease, needsGit);
          const answer = await lease.live.client.call(request);
          answering.resolve({ ...answer, body: whole(answer.body, end) });
          await ended.promise;
        } catch (cause) {
          end();
          answering.reject(cause);
        } finally {
          revoke();
        }
      };
      void (needsGit ? lock(lease.live.sandboxId, work) : work());
      return answering.promise;
    },
  };
}

/** The body, which says when it was read to its end, or nobody wants more of it. */
function whole(body: AsyncIterable<Uint8Array>, onEnd: () => void): AsyncIterable<Uint8Array> {
  return {
    [Symbol.asyncIterator]() {
      const chunks = body[Symbol.asyncIterator]();
      return {
        async next() {
          try {
            const result = await chunks.next();
            if (result.done) onEnd();
            return result;
          } catch (cause) {
            onEnd();
            throw cause;
          }
        },
        async return() {
          onEnd();
          await chunks.return?.();
          return { done: true, value: undefined };
        },
      };
    },
  };
}
