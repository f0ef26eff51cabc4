import type { EngineName, ExecutorOverview, ExecutorSummary } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** Where agents run. */
export type ExecutorsApi = ReturnType<typeof createExecutorsApi>;

/** Creates the calls about sandboxes and engines. */
export function createExecutorsApi(http: HttpClient) {
  return {
    /** What somebody who starts a task has to know. */
    summary: (options: { signal?: AbortSignal } = {}) =>
      http.request<ExecutorSummary>('GET', '/api/v1/executors', options),
    /** Who runs what, what waits and why; for administrators. */
    overview: (options: { signal?: AbortSignal } = {}) =>
      http.request<ExecutorOverview>('GET', '/api/v1/admin/executors', options),
    /** Lets managers install an engine; the overview tells the progress. */
    install: (name: EngineName) =>
      http.request<unknown>('POST', `/api/v1/admin/engines/${encodeURIComponent(name)}/install`, {
        body: {},
      }),
  };
}
