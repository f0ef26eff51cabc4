import type { ModelEndpoint } from '@wegent/api';

type Protocol = ModelEndpoint['protocol'];

/**
 * The base URL that the SDK wants: people also give the bare host, as Claude Code and Ollama have it, or the address
 * of the call itself. Undefined when it is no http(s) URL or holds credentials.
 */
export function baseUrlOf({
  protocol,
  baseUrl,
}: Pick<ModelEndpoint, 'protocol' | 'baseUrl'>): string | undefined {
  if (baseUrl === undefined || baseUrl.trim() === '') return DEFAULT_URL[protocol];
  const url = URL.parse(baseUrl.trim());
  if (url === null || !/^https?:$/.test(url.protocol) || url.username !== '' || url.password !== '')
    return undefined;
  const path = url.pathname.replace(CALL_PATH, '').replace(/\/+$/, '');
  const versioned = /\/v\d+\w*$/.test(path);
  const version = path === '' || (protocol === 'anthropic' && !versioned) ? VERSION[protocol] : '';
  return `${url.origin}${path}${version}`;
}

const CALL_PATH = /\/+(chat\/completions|responses|messages)\/*$/;

const VERSION: Record<Protocol, string> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  anthropic: '/v1',
  gemini: '/v1beta',
};

const DEFAULT_URL: Record<Protocol, string> = {
  'openai-chat': 'https://api.openai.com/v1',
  'openai-responses': 'https://api.openai.com/v1',
  anthropic: 'https://api.anthropic.com/v1',
  gemini: 'https://generativelanguage.googleapis.com/v1beta',
};
