import type { ModelEndpoint } from '@wegent/api';

const MASK = '•••';
/** Shorter values of headers and variables are no secrets, and masking them would make the text unreadable. */
const MIN_SECRET = 6;

/** Takes keys out of a provider's words: those of the endpoint, and whatever looks like one (even a masked one). */
export function redact(words: string, endpoint: Pick<ModelEndpoint, 'apiKey' | 'headers' | 'env'>): string {
  const secrets = [endpoint.apiKey ?? '', ...Object.values(endpoint.headers), ...Object.values(endpoint.env)];
  return secrets
    .filter((secret) => secret.length >= MIN_SECRET)
    .reduce((text, secret) => text.replaceAll(secret, MASK), words)
    .replaceAll(/\b(?:sk|pk|key|AIza)[-_]?[\w*.-]{12,}/g, MASK)
    .replaceAll(/\bBearer\s+[\w*.~+/-]+=*/gi, `Bearer ${MASK}`);
}
