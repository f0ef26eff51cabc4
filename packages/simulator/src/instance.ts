import { isRecord, type Json, list, number, record, text } from './json.ts';

/**
 * The smallest value that fits a JSON schema: required properties only, the first choice wherever
 * there is one, `sample` for free strings. Patterns are not solved.
 */
export function instanceOf(schema: Json, sample: string): unknown {
  return build(schema, { root: schema, sample, depth: 0 });
}

interface Context {
  root: Json;
  sample: string;
  depth: number;
}

const MAX_DEPTH = 32;

function build(given: unknown, context: Context): unknown {
  const schema = resolve(record(given), context);
  if (context.depth > MAX_DEPTH) return null;
  if ('const' in schema) return schema.const;
  const choices = list(schema.enum);
  if (choices.length > 0) return choices[0];
  if ('default' in schema) return schema.default;
  const deeper = { ...context, depth: context.depth + 1 };
  const union = [...list(schema.anyOf), ...list(schema.oneOf)];
  if (union.length > 0 && schema.properties === undefined) return build(union[0], deeper);
  switch (typeOf(schema)) {
    case 'object':
      return objectOf(schema, deeper);
    case 'array':
      return arrayOf(schema, deeper);
    case 'integer':
    case 'number':
      return numberOf(schema);
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return stringOf(schema, context.sample);
  }
}

/** Follows `$ref` into the same document and merges `allOf`. */
function resolve(schema: Json, context: Context): Json {
  let resolved = schema;
  for (let hops = 0; typeof resolved.$ref === 'string' && hops < MAX_DEPTH; hops++) {
    const path = resolved.$ref
      .split('/')
      .slice(1)
      .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
    resolved = record(path.reduce<unknown>((value, key) => record(value)[key], context.root));
  }
  let merged = resolved;
  for (const part of context.depth > MAX_DEPTH ? [] : list(resolved.allOf)) {
    const other = resolve(record(part), { ...context, depth: context.depth + 1 });
    merged = {
      ...merged,
      ...other,
      properties: { ...record(merged.properties), ...record(other.properties) },
      required: [...list(merged.required), ...list(other.required)],
    };
  }
  return merged;
}

function typeOf(schema: Json): string {
  const type = schema.type;
  if (Array.isArray(type)) return text(type[0]);
  if (typeof type === 'string') return type;
  if (isRecord(schema.properties)) return 'object';
  return schema.items === undefined ? 'string' : 'array';
}

function objectOf(schema: Json, context: Context): Json {
  const properties = record(schema.properties);
  return Object.fromEntries(
    list(schema.required)
      .map(text)
      .map((name) => [name, build(properties[name], context)]),
  );
}

function arrayOf(schema: Json, context: Context): unknown[] {
  const prefix = list(schema.prefixItems);
  const length = Math.max(prefix.length, limit(schema, 'minItems') ?? 0);
  return Array.from({ length }, (_, index) => build(prefix[index] ?? schema.items, context));
}

/** A limit of the schema; the AI SDK moves those that Anthropic does not take into the description. */
function limit(schema: Json, key: string): number | undefined {
  const words = key.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  const described = new RegExp(`(?:^|\\n|; )${words}: (-?[\\d.]*\\d)`).exec(text(schema.description))?.[1];
  return number(schema[key]) ?? (described === undefined ? undefined : Number(described));
}

function numberOf(schema: Json): number {
  const step = limit(schema, 'multipleOf') ?? 1;
  const exclusive = limit(schema, 'exclusiveMinimum');
  const low = exclusive === undefined ? limit(schema, 'minimum') : exclusive + step;
  const high = limit(schema, 'maximum') ?? limit(schema, 'exclusiveMaximum') ?? Number.POSITIVE_INFINITY;
  const value = low ?? (high < 0 ? high - step : 0);
  return Math.ceil(value / step) * step;
}

const FORMATS: Record<string, string> = {
  'date-time': '2025-01-01T00:00:00Z',
  date: '2025-01-01',
  time: '00:00:00Z',
  duration: 'PT1S',
  email: 'someone@example.com',
  hostname: 'example.com',
  ipv4: '192.0.2.1',
  ipv6: '2001:db8::1',
  uri: 'https://example.com/',
  url: 'https://example.com/',
  uuid: '00000000-0000-4000-8000-000000000000',
};

function stringOf(schema: Json, sample: string): string {
  const fixed = FORMATS[text(schema.format)];
  if (fixed !== undefined) return fixed;
  return sample.padEnd(limit(schema, 'minLength') ?? 0, '.').slice(0, limit(schema, 'maxLength'));
}
