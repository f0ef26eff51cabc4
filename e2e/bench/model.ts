import { API_VERSION } from '@wegent/api';
import type { Person } from './seed.ts';

/** The Model that points at the stamping simulator. */
export const MODEL = { name: 'stamping', namespace: 'public' } as const;

/** Registers it for everybody, as an administrator would. */
export async function registerModel(url: string, administrator: Person, modelUrl: string): Promise<void> {
  const response = await fetch(`${url}/api/v1/namespaces/${MODEL.namespace}/models`, {
    method: 'POST',
    headers: { authorization: `Bearer ${administrator.token}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      apiVersion: API_VERSION,
      kind: 'Model',
      metadata: { name: MODEL.name },
      spec: {
        modelConfig: {
          env: { model: 'openai', model_id: 'simulator', base_url: `${modelUrl}/v1`, api_key: 'any' },
        },
      },
    }),
  });
  if (!response.ok) throw new Error(`the model was refused: ${response.status} ${await response.text()}`);
}
