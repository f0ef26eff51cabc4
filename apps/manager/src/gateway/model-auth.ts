import type { OutgoingHttpHeaders } from 'node:http';
import type { ModelEndpoint } from '@wegent/api';

/** What signs a request in at the provider: the key as its protocol wants it, and the Model's own headers. Pure. */
export function modelHeaders(endpoint: ModelEndpoint): OutgoingHttpHeaders {
  const own = Object.fromEntries(
    Object.entries(endpoint.headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
  return { ...keyHeader(endpoint), ...own };
}

/** Everything that must not be seen in an answer. Pure. */
export function modelSecrets({ apiKey, headers, env }: ModelEndpoint): string[] {
  const bare = Object.values(headers).map((value) => value.replace(/^(Bearer|Basic)\s+/i, ''));
  const named = Object.entries(env).flatMap(([name, value]) => (SECRET_NAME.test(name) ? [value] : []));
  return [...(apiKey === undefined ? [] : [apiKey]), ...bare, ...named];
}

const SECRET_NAME = /KEY|TOKEN|SECRET|PASSWORD/i;

function keyHeader({ protocol, apiKey, env }: ModelEndpoint): OutgoingHttpHeaders {
  if (!apiKey) return {};
  switch (protocol) {
    case 'anthropic':
      // Servers that take ANTHROPIC_AUTH_TOKEN read it as a bearer, and some refuse it as a key.
      return apiKey === env.ANTHROPIC_AUTH_TOKEN && env.ANTHROPIC_API_KEY === undefined
        ? { authorization: `Bearer ${apiKey}` }
        : { 'x-api-key': apiKey };
    case 'openai-chat':
    case 'openai-responses':
      return { authorization: `Bearer ${apiKey}` };
    case 'gemini':
      return { 'x-goog-api-key': apiKey };
    default:
      return protocol satisfies never;
  }
}
