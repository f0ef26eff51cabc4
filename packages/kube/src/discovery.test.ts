import { describe, expect, it } from 'vitest';
import { apiGroup, apiGroupList, apiResourceList, type Discoverable, discoveryRoot } from './discovery.ts';
import { versionInfo } from './version-info.ts';

const thing: Discoverable = {
  group: 'example.org',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  singular: 'thing',
  shortNames: ['th'],
  categories: ['all'],
  namespaced: true,
  verbs: ['get', 'list'],
  subresources: [
    { name: 'status', verbs: ['get'] },
    { name: 'scale', verbs: ['get'], group: 'autoscaling', version: 'v1', kind: 'Scale' },
  ],
};
const bag: Discoverable = {
  ...thing,
  group: '',
  kind: 'Bag',
  plural: 'bags',
  singular: 'bag',
  shortNames: [],
  categories: [],
  namespaced: false,
  subresources: [],
};
const types = [bag, thing];
const AGGREGATED =
  'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json';

describe('discoveryRoot', () => {
  it('answers everything at once to whoever asks so, under the content type that says it', () => {
    const { contentType, body } = discoveryRoot(types, 'apis', AGGREGATED);
    expect(contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList');
    expect(body).toEqual({
      kind: 'APIGroupDiscoveryList',
      apiVersion: 'apidiscovery.k8s.io/v2',
      metadata: {},
      items: [
        {
          metadata: { name: 'example.org' },
          versions: [
            {
              version: 'v1',
              freshness: 'Current',
              resources: [
                {
                  resource: 'things',
                  responseKind: { group: 'example.org', version: 'v1', kind: 'Thing' },
                  scope: 'Namespaced',
                  singularResource: 'thing',
                  verbs: ['get', 'list'],
                  shortNames: ['th'],
                  categories: ['all'],
                  subresources: [
                    {
                      subresource: 'status',
                      responseKind: { group: 'example.org', version: 'v1', kind: 'Thing' },
                      verbs: ['get'],
                    },
                    {
                      subresource: 'scale',
                      responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
                      verbs: ['get'],
                    },
                  ],
                },
              ],
            },
          ],
        },
      ],
    });
    expect(discoveryRoot(types, 'api', AGGREGATED).body).toMatchObject({
      items: [
        { metadata: { name: '' }, versions: [{ resources: [{ resource: 'bags', scope: 'Cluster' }] }] },
      ],
    });
  });

  it('speaks the older version of it', () => {
    const { contentType, body } = discoveryRoot(types, 'apis', AGGREGATED.split(',').slice(1).join(','));
    expect(contentType).toBe('application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList');
    expect(body).toMatchObject({ apiVersion: 'apidiscovery.k8s.io/v2beta1' });
  });

  it.each([
    undefined,
    'application/json',
    '*/*',
    `application/json,${AGGREGATED}`,
    'application/json;g=x;v=v2;as=APIGroupDiscoveryList',
  ])('answers the older form to %s', (accept) => {
    expect(discoveryRoot(types, 'api', accept)).toEqual({
      contentType: 'application/json',
      body: { kind: 'APIVersions', versions: ['v1'], serverAddressByClientCIDRs: [] },
    });
    expect(discoveryRoot(types, 'apis', accept).body).toEqual(apiGroupList(types));
  });
});

describe('the older form', () => {
  it('lists groups', () => {
    const entry = {
      name: 'example.org',
      versions: [{ groupVersion: 'example.org/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'example.org/v1', version: 'v1' },
    };
    expect(apiGroupList(types)).toEqual({ kind: 'APIGroupList', apiVersion: 'v1', groups: [entry] });
    expect(apiGroup(types, 'example.org')).toEqual({ kind: 'APIGroup', apiVersion: 'v1', ...entry });
  });

  it('lists resources and subresources', () => {
    expect(apiResourceList(types, 'example.org', 'v1')).toEqual({
      kind: 'APIResourceList',
      apiVersion: 'v1',
      groupVersion: 'example.org/v1',
      resources: [
        {
          name: 'things',
          singularName: 'thing',
          namespaced: true,
          kind: 'Thing',
          verbs: ['get', 'list'],
          shortNames: ['th'],
          categories: ['all'],
        },
        { name: 'things/status', singularName: '', namespaced: true, kind: 'Thing', verbs: ['get'] },
        {
          name: 'things/scale',
          singularName: '',
          namespaced: true,
          group: 'autoscaling',
          version: 'v1',
          kind: 'Scale',
          verbs: ['get'],
        },
      ],
    });
    expect(apiResourceList(types, '', 'v1')).toMatchObject({ groupVersion: 'v1' });
  });

  it('does not know what is not there', () => {
    const missing = expect.objectContaining({
      reason: 'NotFound',
      message: 'the server could not find the requested resource',
    });
    expect(() => apiGroup(types, 'nope')).toThrow(missing);
    expect(() => apiGroup(types, '')).toThrow(missing);
    expect(() => apiResourceList(types, 'example.org', 'v2')).toThrow(missing);
  });
});

describe('versionInfo', () => {
  it('is a semantic version', () => {
    const info = versionInfo({ kubernetes: '1.33.0', product: 'wegent 0.1.0' });
    expect(info).toMatchObject({ major: '1', minor: '33', gitVersion: 'v1.33.0+wegent-0.1.0' });
  });
});
