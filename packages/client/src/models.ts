import type { ModelTestRequest, ModelTestResult, TeamInputs } from '@wegent/api';
import type { HttpClient } from './http.ts';

/** What one can do with Models besides storing them. */
export type ModelsApi = ReturnType<typeof createModelsApi>;

/** Creates the calls under /api/v1/models. */
export function createModelsApi(http: HttpClient) {
  return {
    /** Tries a Model before it is saved; a refusal by the provider is a result with `ok: false`, not an error. */
    test: (request: ModelTestRequest, options: { signal?: AbortSignal } = {}) =>
      http.request<ModelTestResult>('POST', '/api/v1/models/test', { body: request, ...options }),
    /** What the applications behind a Team ask for before they run. */
    inputsOf: (
      { namespace, name }: { namespace: string; name: string },
      options: { signal?: AbortSignal } = {},
    ) =>
      http.request<TeamInputs>(
        'GET',
        `/api/v1/namespaces/${encodeURIComponent(namespace)}/teams/${encodeURIComponent(name)}/inputs`,
        options,
      ),
  };
}
