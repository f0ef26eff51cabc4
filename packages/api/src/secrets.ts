import { LAST_APPLIED_ANNOTATION } from './meta.ts';

/** What a secret reads as, for everyone. Written back, it keeps what is stored. */
export const MASK = '********';

/** `${NAME}`, the name of a variable of the server: it says where a secret is, and is none. */
const PLACEHOLDER = /^\$\{[A-Za-z_][A-Za-z0-9_]*\}$/;

/**
 * Rewrites every secret of an object; nothing is changed in place, and the answer shares what holds no secret.
 * A pattern is a dotted path in which each part may hold `*` for any run of characters; parts are
 * compared without regard to case (`spec.modelConfig.env.*_KEY`). A secret is the whole value at the path:
 * text is passed as it is, anything else as JSON text; `${NAME}` alone is no secret. The annotation of `kubectl apply` is scrubbed as well.
 */
export function mapSecrets<T extends object>(
  object: T,
  patterns: readonly string[],
  replace: (secret: string, path: string) => unknown,
): T {
  const mapped = walk(object, compile(patterns), '', replace) as T;
  return scrubLastApplied(mapped, patterns);
}

/** Replaces every secret with the mask. */
export function maskSecrets<T extends object>(object: T, patterns: readonly string[]): T {
  return mapSecrets(object, patterns, masked);
}

/** What a secret reads as: an empty one is none. */
function masked(secret: string): string {
  return secret === '' ? '' : MASK;
}

/** All secrets of an object by path. */
export function collectSecrets(object: object, patterns: readonly string[]): Map<string, string> {
  const found = new Map<string, string>();
  mapSecrets(object, patterns, (secret, path) => {
    found.set(path, secret);
    return secret;
  });
  return found;
}

function walk(
  value: unknown,
  patterns: RegExp[][],
  path: string,
  replace: (secret: string, path: string) => unknown,
): unknown {
  if (patterns.some((pattern) => pattern.length === 0)) {
    if (value === null || value === undefined) return value;
    if (typeof value === 'string') return PLACEHOLDER.test(value) ? value : replace(value, path);
    return replace(JSON.stringify(value), path);
  }
  if (typeof value !== 'object' || value === null || patterns.length === 0) return value;
  if (Array.isArray(value)) {
    return value.map((item, index) =>
      walk(item, advance(patterns, String(index)), `${path}[${index}]`, replace),
    );
  }
  const changed = new Map<string, unknown>();
  for (const [key, child] of Object.entries(value)) {
    const rest = advance(patterns, key);
    if (rest.length === 0) continue;
    const mapped = walk(child, rest, path === '' ? key : `${path}.${key}`, replace);
    if (mapped !== child) changed.set(key, mapped);
  }
  if (changed.size === 0) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) => [key, changed.has(key) ? changed.get(key) : child]),
  );
}

function advance(patterns: RegExp[][], key: string): RegExp[][] {
  return patterns.filter((pattern) => pattern[0]?.test(key)).map((pattern) => pattern.slice(1));
}

// Each kind has one list of patterns, which is used for every object of every list.
const COMPILED = new WeakMap<readonly string[], RegExp[][]>();

function compile(patterns: readonly string[]): RegExp[][] {
  const known = COMPILED.get(patterns);
  if (known) return known;
  const compiled = patterns.map((pattern) => pattern.split('.').map(globToRegExp));
  COMPILED.set(patterns, compiled);
  return compiled;
}

function globToRegExp(glob: string): RegExp {
  const source = glob.replace(/[.+?^${}()|[\]\\]/g, '\\$&').replaceAll('*', '.*');
  return new RegExp(`^${source}$`, 'i');
}

function scrubLastApplied<T extends object>(object: T, patterns: readonly string[]): T {
  const annotations = (object as { metadata?: { annotations?: Record<string, string> } }).metadata
    ?.annotations;
  const applied = annotations?.[LAST_APPLIED_ANNOTATION];
  if (!annotations || applied === undefined) return object;
  const metadata = (object as { metadata: object }).metadata;
  return {
    ...object,
    metadata: {
      ...metadata,
      annotations: { ...annotations, [LAST_APPLIED_ANNOTATION]: scrubJson(applied, patterns) },
    },
  };
}

function scrubJson(text: string, patterns: readonly string[]): string {
  try {
    const parsed: unknown = JSON.parse(text);
    if (typeof parsed !== 'object' || parsed === null) return text;
    const scrubbed = walk(parsed, compile(patterns), '', masked);
    // A text without secrets stays as it is, to the byte: clients compare it with what they would write.
    return scrubbed === parsed ? text : JSON.stringify(scrubbed);
  } catch {
    // Not JSON: kubectl never writes such a value, and it may hold anything, so nothing of it is kept.
    return '{}';
  }
}
