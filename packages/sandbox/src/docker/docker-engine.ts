import { Agent, type AgentOptions } from 'node:http';
import type { Duplex } from 'node:stream';
import { ApiError } from '@wegent/api';
import Docker from 'dockerode';
import { orAborted } from './or-aborted.ts';

/** The engine with a deadline for each call: an engine that hangs must not hang its callers. */
export interface DockerEngine {
  readonly docker: Docker;
  /** The same for calls that wait for what may never come; they do not keep this process alive. */
  readonly background: Docker;
  /**
   * Does a call; `what` ends the sentence "Docker could not …". What the engine itself refuses with 404 or 409 passes
   * through (`statusOf`), all else is `ServiceUnavailable`.
   */
  call<Result>(
    what: string,
    work: (signal: AbortSignal) => Promise<Result>,
    options?: CallOptions,
  ): Promise<Result>;
}

interface CallOptions {
  ms?: number;
  /** Gives up earlier. */
  signal?: AbortSignal;
}

const CALL_MS = 30_000;
/** Refusals that callers understand: it is not there, it is there already. */
const UNDERSTOOD = [404, 409];

/** The engine behind a socket; nothing is asked of it yet. */
export function openDockerEngine(socketPath: string): DockerEngine {
  // Names beat DOCKER_HOST, which the library reads by itself.
  const options = { socketPath, host: '' };
  return {
    docker: new Docker(options),
    background: new Docker(Object.assign({ agent: new BackgroundAgent() }, options)),
    async call(what, work, { ms = CALL_MS, signal } = {}) {
      const deadline = AbortSignal.timeout(ms);
      const stop = signal ? AbortSignal.any([signal, deadline]) : deadline;
      stop.throwIfAborted();
      try {
        return await orAborted(work(stop), stop);
      } catch (cause) {
        signal?.throwIfAborted();
        throw translate({ what, cause, socketPath, late: deadline.aborted ? ms : undefined });
      }
    },
  };
}

/** The status code with which the engine refused, if it did. */
export function statusOf(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('statusCode' in error)) return undefined;
  return typeof error.statusCode === 'number' ? error.statusCode : undefined;
}

interface Failure {
  what: string;
  cause: unknown;
  socketPath: string;
  late: number | undefined;
}

function translate({ what, cause, socketPath, late }: Failure): unknown {
  if (cause instanceof ApiError || UNDERSTOOD.includes(statusOf(cause) ?? 0)) return cause;
  if (late !== undefined) {
    return new ApiError('ServiceUnavailable', `Docker could not ${what} within ${late} ms`, { cause });
  }
  const message = cause instanceof Error ? cause.message : String(cause);
  if (statusOf(cause) === undefined) {
    return new ApiError(
      'ServiceUnavailable',
      `no Docker engine answers at ${socketPath} (${message}): start it, or name its socket in DOCKER_HOST`,
      { cause },
    );
  }
  return new ApiError('ServiceUnavailable', `Docker could not ${what}: ${message}`, { cause });
}

class BackgroundAgent extends Agent {
  override createConnection(
    options: AgentOptions,
    callback?: (error: Error | null, stream: Duplex) => void,
  ): Duplex | null | undefined {
    const stream = super.createConnection(options, callback);
    if (stream && 'unref' in stream && typeof stream.unref === 'function') stream.unref();
    return stream;
  }
}
