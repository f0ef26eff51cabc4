import { API_VERSION, kindByName, ObjectMeta } from '@wegent/api';
import { isMapping } from '@wegent/kube';
import { z } from 'zod';
import { AGENT_KINDS } from '../draft/agent-document.ts';

/** What the schema of a kind says about a place. */
export interface SchemaNode {
  description: string | undefined;
  /** In words: `text`, `number`, `one of …`, `list`, `mapping`. */
  type: string;
  /** Keys that may stand there. */
  properties: ReadonlyMap<string, SchemaNode>;
  required: ReadonlySet<string>;
  /** Values that may stand there. */
  values: readonly string[];
  /** What any other key of the mapping, or any item of the list, is. */
  item: SchemaNode | undefined;
}

const KNOWN = new Map<string, SchemaNode>();

/** What may stand in a document of a kind; of any kind when it is not known yet. */
export function schemaOfKind(kind: string | undefined): SchemaNode {
  const key = kind ?? '';
  const known = KNOWN.get(key);
  if (known) return known;
  const definition = kind === undefined ? undefined : kindByName(kind);
  const schema = z.object({
    apiVersion: z.literal(API_VERSION).describe('Version of the format.'),
    kind: z.enum(AGENT_KINDS).describe('What the document is.'),
    metadata: ObjectMeta.pick({ name: true, namespace: true, labels: true, annotations: true }),
    spec: definition ? definition.spec.describe(definition.description) : z.looseObject({}),
  });
  const json = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  const node = nodeOf(json);
  KNOWN.set(key, node);
  return node;
}

/** What the schema says about a path; undefined where it says nothing. */
export function schemaAt(root: SchemaNode, path: readonly (string | number)[]): SchemaNode | undefined {
  return path.reduce<SchemaNode | undefined>(
    (node, part) => (typeof part === 'number' ? node?.item : (node?.properties.get(part) ?? node?.item)),
    root,
  );
}

function nodeOf(json: unknown): SchemaNode {
  if (!isMapping(json)) {
    return {
      description: undefined,
      type: '',
      properties: new Map(),
      required: new Set(),
      values: [],
      item: undefined,
    };
  }
  const options = [json.anyOf, json.oneOf, json.allOf].filter(Array.isArray).flat().map(nodeOf);
  const properties = isMapping(json.properties)
    ? Object.entries(json.properties).map(([name, child]) => [name, nodeOf(child)] as const)
    : [];
  const own = 'const' in json ? [json.const] : Array.isArray(json.enum) ? json.enum : [];
  const values = [...own.map(String), ...(json.type === 'boolean' ? ['true', 'false'] : [])];
  const below = isMapping(json.items)
    ? json.items
    : isMapping(json.additionalProperties)
      ? json.additionalProperties
      : undefined;
  return {
    description:
      typeof json.description === 'string'
        ? json.description
        : options.find((o) => o.description)?.description,
    type: typeOf(json, values) || [...new Set(options.map(({ type }) => type))].filter(Boolean).join(' | '),
    properties: new Map([...options.flatMap((option) => [...option.properties]), ...properties]),
    required: new Set(Array.isArray(json.required) ? json.required.map(String) : []),
    values: [...values, ...options.flatMap((option) => option.values)],
    item: below ? nodeOf(below) : options.find(({ item }) => item)?.item,
  };
}

function typeOf(json: Record<string, unknown>, values: readonly string[]): string {
  if (values.length > 0) return values.join(' | ');
  return typeof json.type === 'string' ? json.type : '';
}
