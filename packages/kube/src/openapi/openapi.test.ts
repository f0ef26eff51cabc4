import { KINDS } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import type { JsonSchema } from '../json-schema.ts';
import { readFields } from '../protobuf/wire.ts';
import { resourceTypeOf } from '../resource-type.ts';
import { isMapping } from '../tree.ts';
import { openapiV2Document } from './openapi-v2.ts';
import { encodeOpenapiV2 } from './openapi-v2-protobuf.ts';
import { openapiV3Documents, openapiV3Root } from './openapi-v3.ts';

const info = { title: 'Test', version: 'v1.33.0' };
const types = KINDS.map((definition) =>
  resourceTypeOf(definition, { subresources: [{ name: 'status', verbs: ['get', 'patch'] }] }),
);
const core = {
  ...types[0],
  group: '',
  kind: 'Bag',
  plural: 'bags',
  strategicMerge: true,
} as (typeof types)[number];

const Document = z.object({
  paths: z.record(z.string(), z.record(z.string(), z.unknown())),
  components: z.object({ schemas: z.record(z.string(), z.record(z.string(), z.unknown())) }),
});
const documentOf = (path: string) =>
  Document.parse(openapiV3Documents([...types, core], info).find((document) => document.path === path)?.body);

/** All references anywhere in a value. */
function references(value: unknown): string[] {
  if (Array.isArray(value)) return value.flatMap(references);
  if (!isMapping(value)) return [];
  return Object.entries(value).flatMap(([key, child]) =>
    key === '$ref' && typeof child === 'string' ? [child] : references(child),
  );
}

describe('OpenAPI v3', () => {
  it('has a document for each group, found by its hash', () => {
    const documents = openapiV3Documents([...types, core], info);
    expect(documents.map(({ path }) => path)).toEqual(['apis/agent.wecode.io/v1', 'api/v1']);
    expect(openapiV3Root(documents)).toEqual({
      paths: {
        'apis/agent.wecode.io/v1': {
          serverRelativeURL: expect.stringMatching(
            /^\/openapi\/v3\/apis\/agent\.wecode\.io\/v1\?hash=[0-9a-f]{16}$/,
          ),
        },
        'api/v1': { serverRelativeURL: expect.stringMatching(/^\/openapi\/v3\/api\/v1\?hash=[0-9a-f]{16}$/) },
      },
    });
    const changed = openapiV3Documents(types.slice(1), info);
    expect(changed[0]?.hash).not.toBe(documents[0]?.hash);
    expect(openapiV3Documents([...types, core], info)[0]?.hash).toBe(documents[0]?.hash);
  });

  it('refers only to what is there', () => {
    const body = documentOf('apis/agent.wecode.io/v1');
    const known = Object.keys(body.components.schemas).map((name) => `#/components/schemas/${name}`);
    expect(new Set(references(body)).difference(new Set(known))).toEqual(new Set());
    expect(references(body).length).toBeGreaterThan(50);
  });

  it('lets clients find the kind of a path and leave validation to the server', () => {
    const { paths, components } = documentOf('apis/agent.wecode.io/v1');
    const gvk = { group: 'agent.wecode.io', version: 'v1', kind: 'Bot' };
    const item = paths['/apis/agent.wecode.io/v1/namespaces/{namespace}/bots/{name}'];
    expect(item?.get).toMatchObject({ 'x-kubernetes-group-version-kind': gvk, 'x-kubernetes-action': 'get' });
    expect(item?.patch).toMatchObject({
      'x-kubernetes-group-version-kind': gvk,
      parameters: expect.arrayContaining([
        expect.objectContaining({ name: 'fieldValidation', in: 'query' }),
        expect.objectContaining({ name: 'dryRun' }),
      ]),
    });
    expect(paths['/apis/agent.wecode.io/v1/bots']?.get).toMatchObject({ 'x-kubernetes-action': 'list' });
    expect(
      Object.keys(paths['/apis/agent.wecode.io/v1/namespaces/{namespace}/bots/{name}/status'] ?? {}),
    ).toEqual(['parameters', 'get', 'patch']);
    expect(components.schemas['io.wecode.agent.v1.Bot']).toMatchObject({
      'x-kubernetes-group-version-kind': [gvk],
      description: expect.any(String),
    });
  });

  it('offers strategic merge patches for built-in kinds only', () => {
    const strategic = 'application/strategic-merge-patch+json';
    expect(JSON.stringify(documentOf('api/v1'))).toContain(strategic);
    expect(JSON.stringify(documentOf('apis/agent.wecode.io/v1'))).not.toContain(strategic);
  });
});

describe('OpenAPI v2', () => {
  const document = openapiV2Document(types, info);

  it('says the same in the older form', () => {
    const known = Object.keys(document.definitions).map((name) => `#/definitions/${name}`);
    expect(new Set(references(document)).difference(new Set(known))).toEqual(new Set());
    expect(document.definitions['io.wecode.agent.v1.Bot']?.properties?.metadata).toEqual({
      $ref: '#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta',
      description: expect.any(String),
    });
    expect(JSON.stringify(document)).not.toMatch(/"(anyOf|oneOf|nullable)"/);
  });

  it('lets clients write fields that have no name there', () => {
    const spec = document.definitions['io.wecode.agent.v1.Model']?.properties?.spec;
    const env = spec?.properties?.modelConfig?.additionalProperties;
    expect(env).toEqual({});
  });

  it('has schemas that the parser of kubectl accepts', () => {
    const check = (schema: JsonSchema): void => {
      // It refuses lists without items, and types beside references.
      if (schema.type === 'array') expect(schema.items).toBeDefined();
      if (schema.$ref !== undefined) expect(schema.type).toBeUndefined();
      for (const child of Object.values(schema.properties ?? {})) check(child);
      if (schema.items) check(schema.items);
      if (isMapping(schema.additionalProperties)) check(schema.additionalProperties);
    };
    for (const schema of Object.values(document.definitions)) check(schema);
  });

  it('comes as protobuf', () => {
    const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
    const parts = (bytes: Uint8Array, number: number) =>
      [...readFields(bytes)].flatMap((field) =>
        field.number === number && field.type === 'bytes' ? [field.value] : [],
      );
    const first = (bytes: Uint8Array, number: number) => parts(bytes, number)[0] ?? new Uint8Array();
    const bytes = encodeOpenapiV2(document);
    expect(text(first(bytes, 1))).toBe('2.0');
    expect(text(first(first(bytes, 2), 1))).toBe('Test');
    const definitions = parts(first(bytes, 9), 1);
    expect(definitions.map((named) => text(first(named, 1)))).toEqual(Object.keys(document.definitions));
    const bot = first(
      definitions.find((named) => text(first(named, 1)) === 'io.wecode.agent.v1.Bot') ?? new Uint8Array(),
      2,
    );
    expect(text(first(first(bot, 22), 1))).toBe('object');
    const properties = parts(first(bot, 25), 1).map((named) => text(first(named, 1)));
    expect(properties).toEqual(['apiVersion', 'kind', 'metadata', 'spec', 'status']);
    const extension = parts(bot, 31).map((named) => [text(first(named, 1)), text(first(first(named, 2), 2))]);
    expect(extension).toEqual([
      ['x-kubernetes-group-version-kind', '[{"group":"agent.wecode.io","version":"v1","kind":"Bot"}]'],
    ]);
    const paths = parts(first(bytes, 8), 2).map((named) => text(first(named, 1)));
    expect(paths).toContain('/apis/agent.wecode.io/v1/namespaces/{namespace}/bots/{name}');
  });
});
