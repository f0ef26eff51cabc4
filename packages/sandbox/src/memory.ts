import { ApiError, type RunError } from '@wegent/api';
import { DEFAULT_LIMITS } from './limits.ts';
import type { Sandbox, SandboxAddress, SandboxDriver, SandboxEnd, SandboxSpec } from './sandbox.ts';

/** What stands in for the executor: started with the sandbox, ended with it. */
export type StartExecutor = (spec: SandboxSpec, signal: AbortSignal) => Promise<RunningExecutor>;

/** An executor that listens. `end` is fulfilled when nothing of it is left. */
export interface RunningExecutor {
  address: SandboxAddress;
  end(): Promise<void>;
}

/** The driver, and a way to let its sandboxes fail. */
export interface MemorySandboxDriver extends SandboxDriver {
  /** Lets a sandbox fail as if by itself, out of memory for example. */
  fail(id: string, error: RunError): Promise<void>;
}

interface Entry {
  sandbox: Sandbox;
  end: (how: SandboxEnd) => Promise<SandboxEnd>;
}

/** Sandboxes without walls, in this process, for tests of those who use a driver. */
export function createMemorySandboxDriver({
  startExecutor,
}: {
  startExecutor: StartExecutor;
}): MemorySandboxDriver {
  const entries = new Map<string, Entry>();
  const starting = new Set<string>();

  async function start(spec: SandboxSpec, signal: AbortSignal | undefined): Promise<RunningExecutor> {
    const late = AbortSignal.timeout(spec.startMs);
    const stop = signal ? AbortSignal.any([signal, late]) : late;
    const aborted = Promise.withResolvers<never>();
    stop.addEventListener('abort', () => aborted.reject(stop.reason), { once: true });
    const started = startExecutor(spec, stop);
    try {
      stop.throwIfAborted();
      return await Promise.race([started, aborted.promise]);
    } catch (cause) {
      // It may come up after we gave up on it.
      void started.then((executor) => executor.end()).catch(() => {});
      signal?.throwIfAborted();
      if (late.aborted)
        throw new ApiError('Timeout', `sandbox ${spec.id} did not start within ${spec.startMs} ms`, {
          cause,
        });
      throw new ApiError('ServiceUnavailable', `sandbox ${spec.id} did not start`, { cause });
    }
  }

  function register(spec: SandboxSpec, executor: RunningExecutor): Sandbox {
    const ended = Promise.withResolvers<SandboxEnd>();
    let ending: Promise<SandboxEnd> | undefined;

    async function finish(how: SandboxEnd): Promise<SandboxEnd> {
      await executor.end();
      entries.delete(spec.id);
      ended.resolve(how);
      return how;
    }

    const end = (how: SandboxEnd) => {
      ending ??= finish(how);
      return ending;
    };
    const sandbox: Sandbox = {
      id: spec.id,
      labels: spec.labels,
      address: executor.address,
      oomKills: async () => 0,
      memoryBytes: async () => undefined,
      ended: ended.promise,
      stop: () => end({ cause: 'stopped' }),
      kill: () => end({ cause: 'killed' }),
    };
    entries.set(spec.id, { sandbox, end });
    return sandbox;
  }

  return {
    name: 'memory',
    isolation: 'none: everything runs in this process, without limits',
    isolated: false,
    defaults: DEFAULT_LIMITS,

    async create(spec, signal) {
      if (entries.has(spec.id) || starting.has(spec.id)) {
        throw new ApiError('AlreadyExists', `sandbox ${spec.id} exists`);
      }
      starting.add(spec.id);
      try {
        return register(spec, await start(spec, signal));
      } finally {
        starting.delete(spec.id);
      }
    },

    async list() {
      return [...entries.values()].map(({ sandbox }) => sandbox);
    },

    async removeOrphans(keep) {
      const orphans = [...entries.values()].filter(({ sandbox }) => !keep.has(sandbox.id));
      await Promise.all(orphans.map(({ end }) => end({ cause: 'killed' })));
      return orphans.map(({ sandbox }) => sandbox.id);
    },

    async fail(id, error) {
      await entries.get(id)?.end({ cause: 'failed', error });
    },
  };
}
