import type { SandboxContext } from './execution-spec.ts';

/** A request to the executor of a task, see `executor-link.ts` for what there is. */
export interface ExecutorRequest {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** With the query, such as `/v1/files?path=src`. */
  path: string;
  body?: Uint8Array | AsyncIterable<Uint8Array> | undefined;
  contentType?: string | undefined;
}

/** What it answered; who does not read the body to its end returns its iterator. */
export interface ExecutorResponse {
  status: number;
  contentType: string | undefined;
  body: AsyncIterable<Uint8Array>;
}

/**
 * The server's way to the sandboxes of tasks, through whichever manager has them. In one process it is the manager
 * itself, elsewhere HTTP: POST {manager}/internal/v1/executor with `authorization`, `x-wegent-context` (the context as
 * base64url of its JSON), `x-wegent-method` and `x-wegent-path`; body and answer are those of the executor.
 */
export interface ExecutorAccess {
  /** Starts the sandbox when it does not live. ServiceUnavailable when there is no manager or it cannot be started. */
  call(context: SandboxContext, request: ExecutorRequest): Promise<ExecutorResponse>;
}
