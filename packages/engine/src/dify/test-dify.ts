import type { ModelEndpoint } from '@wegent/api';
import { describeApp } from './dify-app.ts';
import { createDifyClient } from './dify-client.ts';
import { difySettings } from './dify-settings.ts';
import { difyFailure } from './failures.ts';

/**
 * Asks an application what it is, without running it; answers its name and mode. Rejects with a RunFailure, or the
 * reason of the signal.
 */
export async function testDify(given: {
  endpoint: ModelEndpoint;
  fetch: typeof globalThis.fetch;
  signal: AbortSignal;
}): Promise<string> {
  const { endpoint, fetch, signal } = given;
  try {
    const settings = difySettings(endpoint);
    const client = createDifyClient({ settings, user: 'wegent-test', fetch, quietMs: 10_000 });
    const { name, mode } = await describeApp(client, signal);
    return mode ? `${name} (${mode})` : name;
  } catch (cause) {
    signal.throwIfAborted();
    throw difyFailure(cause, endpoint);
  }
}
