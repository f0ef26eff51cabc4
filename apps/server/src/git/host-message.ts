const MAX_CHARACTERS = 300;

/**
 * What a host says of a refusal, in one line for people: each host puts it elsewhere. Secrets that it repeats are
 * taken out, and so is everything that is no text.
 */
export function hostMessage(body: string, secret: string): string {
  const said = [...new Set(textsOf(parse(body)))].join('; ');
  const without = secret === '' ? said : said.replaceAll(secret, '…');
  return without
    .replaceAll(/[\p{Cc}\p{Cf}\s]+/gu, ' ')
    .trim()
    .slice(0, MAX_CHARACTERS);
}

const WORDS = ['message', 'messages', 'error_description', 'error', 'errors'];

function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (Array.isArray(value)) return value.slice(0, 10).flatMap(textsOf);
  if (typeof value !== 'object' || value === null) return [];
  const fields = new Map(Object.entries(value));
  const known = WORDS.flatMap((word) => textsOf(fields.get(word)));
  if (known.length > 0) return known;
  // GitLab: `{message: {target_branch: ["is not there"]}}`; GitHub: `{errors: [{field, code}]}`.
  if (fields.has('code') && fields.has('field')) return [`${fields.get('field')}: ${fields.get('code')}`];
  return [...fields]
    .slice(0, 10)
    .flatMap(([field, inner]) => textsOf(inner).map((text) => `${field} ${text}`));
}

function parse(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    return undefined;
  }
}
