import type { ExecutionSpec, ModelEndpoint } from '@wegent/api';

/**
 * Puts the address of the simulator into a spec whose model is the demo (base URL `simulator:`). It listens on a
 * private address that the platform itself chose, so a run with restricted addresses may reach just that one.
 */
export function withSimulator(
  spec: ExecutionSpec,
  resolve: ((endpoint: ModelEndpoint) => ModelEndpoint) | undefined,
): ExecutionSpec {
  if (!resolve || !spec.model?.baseUrl?.startsWith('simulator:')) return spec;
  const model = resolve(spec.model);
  const url = URL.parse(model.baseUrl ?? '');
  if (spec.outboundAllow === undefined || url === null) return { ...spec, model };
  const port = url.port || (url.protocol === 'https:' ? '443' : '80');
  return { ...spec, model, outboundAllow: [...spec.outboundAllow, `${url.hostname}:${port}`] };
}
