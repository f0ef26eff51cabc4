import { ApiError, invalid, type ResourceObject } from '@wegent/api';
import { describe, expect, test } from 'vitest';
import { aggregatedDiscovery, apiResourceList } from './discovery.ts';
import { openapiV2Document } from './openapi/openapi-v2.ts';
import { openapiV3Documents } from './openapi/openapi-v3.ts';
import { type ResourceType, resourceTypeOf } from './resource-type.ts';
import { asScaleError, SCALE_SUBRESOURCE, SCALE_TYPE, Scale, scaleOf, withReplicas } from './scale.ts';
import { tableOf } from './table.ts';
import { validateObject } from './validate.ts';

const CREW = { replicas: 'spec.bounds.size' };
const crew = (spec: Record<string, unknown>): ResourceObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Crew',
  metadata: { name: 'red', namespace: 'sea', uid: 'u1', resourceVersion: '7', labels: { a: 'b' } },
  spec,
});

describe('the Scale of an object', () => {
  test('has its wanted number, and how many there are', () => {
    expect(scaleOf(crew({ bounds: { size: 4 } }), CREW, 3)).toEqual({
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'red', namespace: 'sea', uid: 'u1', resourceVersion: '7' },
      spec: { replicas: 4 },
      status: { replicas: 3 },
    });
    expect(scaleOf(crew({ bounds: { size: 0 } }), CREW, 0).spec).toEqual({ replicas: 0 });
    expect(scaleOf(crew({}), CREW, 0).spec).toEqual({});
  });

  test('is written into the field, and nothing else is changed', () => {
    const before = crew({ bounds: { size: 4, other: 1 }, list: [1] });
    expect(withReplicas(before, CREW, 0)).toEqual(crew({ bounds: { size: 0, other: 1 }, list: [1] }));
    expect(before.spec.bounds).toEqual({ size: 4, other: 1 });
    expect(withReplicas(crew({}), CREW, 2)).toEqual(crew({ bounds: { size: 2 } }));
    expect(withReplicas({}, CREW, 2)).toEqual({ spec: { bounds: { size: 2 } } });
  });

  test('as a table', () => {
    const { columnDefinitions, rows } = tableOf([scaleOf(crew({}), CREW, 3)], {
      type: SCALE_TYPE,
      metadata: {},
      includeObject: 'None',
      metaVersion: 'v1',
      now: 0,
    });
    expect(columnDefinitions?.map(({ name }) => name)).toEqual(['Name', 'Desired', 'Available', 'Age']);
    expect(rows[0]?.cells.slice(0, 3)).toEqual(['red', '<none>', 3]);
  });

  test.each([
    [-1, 'spec.replicas'],
    [1.5, 'spec.replicas'],
    ['2', 'spec.replicas'],
    [2 ** 31, 'spec.replicas'],
  ])('%j is no number of it', (replicas, field) => {
    const input = { metadata: { name: 'red' }, spec: { replicas } };
    expect(() => validateObject(Scale, input, { fieldValidation: 'Strict' })).toThrow(
      expect.objectContaining({
        reason: 'Invalid',
        message: expect.stringContaining('Scale.autoscaling "red" is invalid: spec.replicas: '),
        details: expect.objectContaining({ causes: [expect.objectContaining({ field })] }),
      }),
    );
  });

  test('what the kind refuses is said in its words', () => {
    const cause = { reason: 'FieldValueInvalid', field: 'spec.bounds.size', message: 'Invalid value: 9' };
    expect(asScaleError(invalid('Crew is invalid', [cause]), CREW, 'red')).toMatchObject({
      message: 'Scale.autoscaling "red" is invalid: spec.replicas: Invalid value: 9',
      details: { kind: 'Scale', group: 'autoscaling', causes: [{ field: 'spec.replicas' }] },
    });
    const other = invalid('Crew is invalid', [{ ...cause, field: 'spec.list' }]);
    expect(asScaleError(other, CREW, 'red')).toBe(other);
    const conflict = new ApiError('Conflict', 'x');
    expect(asScaleError(conflict, CREW, 'red')).toBe(conflict);
  });
});

describe('the path of a Scale', () => {
  const type: ResourceType = {
    ...resourceTypeOf({ ...Scale, kind: 'Crew', group: 'example.org', plural: 'crews', singular: 'crew' }),
    verbs: ['get', 'list', 'update'],
    subresources: [SCALE_SUBRESOURCE],
  };

  test('in discovery', () => {
    expect(apiResourceList([type], 'example.org', 'v1').resources[1]).toMatchObject({
      name: 'crews/scale',
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
      verbs: ['get', 'patch', 'update'],
    });
    expect(aggregatedDiscovery([type], 'apis').items[0]?.versions[0]?.resources[0]).toMatchObject({
      subresources: [{ subresource: 'scale', responseKind: { group: 'autoscaling', kind: 'Scale' } }],
    });
  });

  test('in OpenAPI', () => {
    const [document] = openapiV3Documents([type], { title: 't', version: '1' });
    const reference = { $ref: '#/components/schemas/io.k8s.api.autoscaling.v1.Scale' };
    expect(document?.body).toMatchObject({
      paths: {
        '/apis/example.org/v1/namespaces/{namespace}/crews/{name}/scale': {
          get: {
            'x-kubernetes-group-version-kind': { group: 'autoscaling', version: 'v1', kind: 'Scale' },
            responses: { 200: { content: { 'application/json': { schema: reference } } } },
          },
          put: {},
          patch: {},
        },
      },
      components: { schemas: { 'io.k8s.api.autoscaling.v1.Scale': { type: 'object' } } },
    });
    expect(openapiV2Document([type], { title: 't', version: '1' }).definitions).toHaveProperty([
      'io.k8s.api.autoscaling.v1.Scale',
    ]);
  });
});
