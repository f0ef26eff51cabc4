import { z } from 'zod';
import { COMPONENT_PREFIX, type Definitions, type JsonSchema } from './json-schema.ts';
import { isMapping } from './tree.ts';

/**
 * The OpenAPI schema of what clients may send for a zod schema. Recursive parts become definitions whose names begin
 * with `component`; extensions that were given with `.meta({ 'x-kubernetes-…': … })` pass through.
 */
export function schemaFromZod(
  schema: z.ZodType,
  component: string,
): { schema: JsonSchema; definitions: Definitions } {
  const raw: unknown = z.toJSONSchema(schema, { target: 'openapi-3.0', io: 'input', unrepresentable: 'any' });
  if (!isMapping(raw)) return { schema: {}, definitions: {} };
  const { definitions, ...root } = raw;
  const parts = isMapping(definitions) ? definitions : {};
  const rename = (reference: string) =>
    reference === '#'
      ? `${COMPONENT_PREFIX}${component}`
      : `${COMPONENT_PREFIX}${component}.${nameOf(reference)}`;
  const cleaned = clean(root, rename);
  const refersToItself = JSON.stringify(raw).includes('"$ref":"#"');
  return {
    schema: cleaned,
    definitions: {
      ...(refersToItself ? { [component]: cleaned } : {}),
      ...Object.fromEntries(
        Object.entries(parts).map(([name, part]) => [`${component}.${nameOf(name)}`, clean(part, rename)]),
      ),
    },
  };
}

function nameOf(reference: string): string {
  return reference
    .slice(reference.lastIndexOf('/') + 1)
    .replace(/^__schema/, 'Part')
    .replaceAll(/[^A-Za-z0-9._-]/g, '_');
}

function clean(value: unknown, rename: (reference: string) => string): JsonSchema {
  if (!isMapping(value)) return {};
  const cleaned: JsonSchema = {};
  for (const [key, part] of Object.entries(value)) {
    // Kubernetes has its own rule for unknown fields; the bounds of safe integers tell nobody anything.
    if (key === '$schema' || (key === 'additionalProperties' && part === false)) continue;
    if ((key === 'minimum' || key === 'maximum') && Math.abs(Number(part)) >= Number.MAX_SAFE_INTEGER)
      continue;
    if (key === '$ref' && typeof part === 'string') cleaned.$ref = rename(part);
    else if (key === 'properties' && isMapping(part))
      cleaned.properties = Object.fromEntries(
        Object.entries(part).map(([name, child]) => [name, clean(child, rename)]),
      );
    else if ((key === 'items' || key === 'additionalProperties') && isMapping(part))
      cleaned[key] = clean(part, rename);
    else if ((key === 'allOf' || key === 'anyOf' || key === 'oneOf') && Array.isArray(part))
      cleaned[key] = part.map((child) => clean(child, rename));
    else cleaned[key] = part;
  }
  // A list without items is no legal schema, and clients refuse the whole document for it.
  if (cleaned.type === 'array' && cleaned.items === undefined) cleaned.items = {};
  return cleaned;
}
