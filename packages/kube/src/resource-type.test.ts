import { KINDS } from '@wegent/api';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { fieldScope, listTopology, resolveSchema } from './json-schema.ts';
import { componentName, resourceTypeOf, scopeOf } from './resource-type.ts';
import { schemaFromZod } from './zod-schema.ts';

describe('schemaFromZod', () => {
  it('makes schemas as Kubernetes writes them', () => {
    const schema = z.strictObject({
      count: z.number().int().max(5).describe('How many.'),
      free: z.record(z.string(), z.unknown()),
      env: z.array(z.strictObject({ name: z.string() })).meta({
        'x-kubernetes-list-type': 'map',
        'x-kubernetes-list-map-keys': ['name'],
      }),
      note: z.string().default('none'),
    });
    expect(schemaFromZod(schema, 'org.Thing')).toEqual({
      definitions: {},
      schema: {
        type: 'object',
        required: ['count', 'free', 'env'],
        properties: {
          count: { type: 'integer', maximum: 5, description: 'How many.' },
          free: { type: 'object', additionalProperties: {} },
          env: {
            type: 'array',
            items: { type: 'object', properties: { name: { type: 'string' } }, required: ['name'] },
            'x-kubernetes-list-type': 'map',
            'x-kubernetes-list-map-keys': ['name'],
          },
          note: { type: 'string', default: 'none' },
        },
      },
    });
  });

  it('makes components of what refers to itself', () => {
    interface Tree {
      name: string;
      children?: Tree[] | undefined;
    }
    const Tree: z.ZodType<Tree> = z.strictObject({
      name: z.string(),
      children: z.lazy(() => z.array(Tree)).optional(),
    });
    const { schema, definitions } = schemaFromZod(z.strictObject({ root: Tree }), 'org.Thing');
    expect(JSON.stringify({ schema, definitions })).not.toContain('#/definitions/');
    const root = fieldScope({ schema, definitions }, 'root');
    const child = resolveSchema({
      ...fieldScope(root, 'children'),
      schema: fieldScope(root, 'children').schema?.items,
    });
    expect(child?.properties?.name).toEqual({ type: 'string' });

    const itself = schemaFromZod(Tree, 'org.Tree');
    expect(itself.definitions).toEqual({ 'org.Tree': itself.schema });
    expect(JSON.stringify(itself)).toContain('"#/components/schemas/org.Tree"');
  });
});

describe('resourceTypeOf', () => {
  it.each(KINDS.map((definition) => [definition.kind, definition] as const))(
    'describes %s',
    (kind, definition) => {
      const type = resourceTypeOf(definition);
      expect(componentName(type)).toBe(`io.wecode.agent.v1.${kind}`);
      expect(type.schema.properties).toMatchObject({
        apiVersion: { type: 'string' },
        kind: { type: 'string' },
        spec: { type: 'object', description: expect.any(String) },
      });
      expect(listTopology(fieldScope(fieldScope(scopeOf(type), 'metadata'), 'finalizers'))).toEqual({
        type: 'set',
      });
      expect(listTopology(fieldScope(fieldScope(scopeOf(type), 'metadata'), 'ownerReferences'))).toEqual({
        type: 'map',
        keys: ['uid'],
      });
      expect(listTopology(fieldScope(fieldScope(scopeOf(type), 'status'), 'conditions'))).toEqual({
        type: 'map',
        keys: ['type'],
      });
      expect(JSON.stringify(type)).not.toMatch(/9007199254740991|"additionalProperties":false/);
    },
  );

  it('puts the fields of flat kinds beside metadata', () => {
    const type = resourceTypeOf({
      kind: 'Bag',
      group: '',
      version: 'v1',
      plural: 'bags',
      singular: 'bag',
      shortNames: [],
      categories: [],
      description: 'A bag.',
      namespaced: true,
      flat: true,
      verbs: ['get'],
      spec: z.strictObject({ data: z.record(z.string(), z.string()) }),
      status: z.object({}),
      columns: [],
      selectableFields: [],
    });
    expect(Object.keys(type.schema.properties ?? {})).toEqual(['apiVersion', 'kind', 'metadata', 'data']);
    expect(type.schema.required).toEqual(['data']);
    expect(componentName(type)).toBe('io.k8s.api.core.v1.Bag');
    expect(type.strategicMerge).toBe(true);
  });
});
