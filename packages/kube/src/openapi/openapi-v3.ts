import { COMPONENT_PREFIX } from '../json-schema.ts';
import { DELETE_OPTIONS, STATUS } from '../meta-schemas.ts';
import { PATCH_CONTENT_TYPES } from '../negotiate.ts';
import { componentName } from '../resource-type.ts';
import {
  collectionPath,
  componentsOf,
  type DescribedType,
  groupVersionKind,
  listComponentName,
} from './components.ts';
import { contentHash } from './content-hash.ts';

/** One OpenAPI v3 document: all resources of one group and version. */
export interface GroupDocument {
  /** `api/v1` or `apis/{group}/{version}`. */
  path: string;
  body: object;
  /** The body as it is sent. */
  text: string;
  hash: string;
}

/** What stands in `info` of the documents. */
export interface ApiInfo {
  title: string;
  version: string;
}

/** The OpenAPI v3 documents of all groups. They do not change while a server runs, so make them once. */
export function openapiV3Documents(types: readonly DescribedType[], info: ApiInfo): GroupDocument[] {
  const paths = [...new Set(types.map(groupPath))];
  return paths.map((path) => {
    const body = groupDocument(
      types.filter((type) => groupPath(type) === path),
      info,
    );
    const text = JSON.stringify(body);
    return { path, body, text, hash: contentHash(text) };
  });
}

/** The answer to `GET /openapi/v3`: where the document of each group lies. */
export function openapiV3Root(documents: readonly Pick<GroupDocument, 'path' | 'hash'>[]) {
  return {
    paths: Object.fromEntries(
      documents.map(({ path, hash }) => [path, { serverRelativeURL: `/openapi/v3/${path}?hash=${hash}` }]),
    ),
  };
}

function groupDocument(types: readonly DescribedType[], info: ApiInfo) {
  return {
    openapi: '3.0.0',
    info,
    paths: Object.assign({}, ...types.map(pathsOfType)) as Record<string, unknown>,
    components: { schemas: componentsOf(types) },
  };
}

function groupPath({ group, version }: DescribedType): string {
  return group === '' ? `api/${version}` : `apis/${group}/${version}`;
}

function pathsOfType(type: DescribedType): Record<string, unknown> {
  const collection = collectionPath(type);
  const namespace = type.namespaced ? [parameter('namespace', 'path')] : [];
  const paths: Record<string, unknown> = {
    [collection]: {
      ...(namespace.length > 0 ? { parameters: namespace } : {}),
      ...collectionOperations(type),
    },
  };
  if (type.namespaced && type.verbs.includes('list'))
    paths[collectionPath(type, true)] = { get: listOperation(type) };
  if (!type.verbs.some((verb) => ['get', 'update', 'patch', 'delete'].includes(verb))) return paths;
  const own = [parameter('name', 'path'), ...namespace];
  paths[`${collection}/{name}`] = { parameters: own, ...objectOperations(type, type.verbs) };
  for (const subresource of type.subresources) {
    const isObject = subresource.kind === undefined || subresource.kind === type.kind;
    const answered = isObject ? type : subresource.type;
    // What is no document has no schema.
    if (!answered) continue;
    paths[`${collection}/{name}/${subresource.name}`] = {
      parameters: own,
      ...objectOperations(answered, subresource.verbs),
    };
  }
  return paths;
}

function collectionOperations(type: DescribedType): Record<string, unknown> {
  return {
    ...(type.verbs.includes('list') ? { get: listOperation(type) } : {}),
    ...(type.verbs.includes('create')
      ? {
          post: operation(type, 'post', {
            parameters: WRITE_PARAMETERS,
            requestBody: bodyOf(componentName(type)),
            responses: { 201: answer(componentName(type)) },
          }),
        }
      : {}),
    ...(type.verbs.includes('deletecollection')
      ? {
          delete: operation(type, 'deletecollection', {
            parameters: [...LIST_PARAMETERS, DRY_RUN],
            responses: { 200: answer(STATUS) },
          }),
        }
      : {}),
  };
}

function listOperation(type: DescribedType): object {
  return operation(type, 'list', {
    parameters: LIST_PARAMETERS,
    responses: { 200: answer(listComponentName(type)) },
  });
}

function objectOperations(type: DescribedType, verbs: readonly string[]): Record<string, unknown> {
  const component = componentName(type);
  const responses = { 200: answer(component) };
  return {
    ...(verbs.includes('get') ? { get: operation(type, 'get', { responses }) } : {}),
    ...(verbs.includes('update')
      ? {
          put: operation(type, 'put', {
            parameters: WRITE_PARAMETERS,
            requestBody: bodyOf(component),
            responses,
          }),
        }
      : {}),
    ...(verbs.includes('patch')
      ? {
          // Clients look here for `fieldValidation` to know that the server validates.
          patch: operation(type, 'patch', {
            parameters: [...WRITE_PARAMETERS, parameter('force', 'query', 'boolean')],
            requestBody: { content: Object.fromEntries(patchContentTypes(type).map((name) => [name, {}])) },
            responses,
          }),
        }
      : {}),
    ...(verbs.includes('delete')
      ? {
          delete: operation(type, 'delete', {
            parameters: [DRY_RUN, parameter('propagationPolicy', 'query')],
            requestBody: bodyOf(DELETE_OPTIONS),
            responses: { 200: answer(STATUS) },
          }),
        }
      : {}),
  };
}

function patchContentTypes({ strategicMerge }: DescribedType): string[] {
  return Object.entries(PATCH_CONTENT_TYPES)
    .filter(([name]) => name !== 'strategic' || strategicMerge)
    .map(([, contentType]) => contentType);
}

function operation(type: DescribedType, action: string, rest: object): object {
  return {
    description: `${action} ${type.plural}: ${type.description}`,
    'x-kubernetes-action': action,
    'x-kubernetes-group-version-kind': groupVersionKind(type),
    ...rest,
  };
}

function parameter(name: string, place: 'path' | 'query', type = 'string') {
  return {
    name,
    in: place,
    ...(place === 'path' ? { required: true } : {}),
    schema: { type, uniqueItems: true },
  };
}

function bodyOf(component: string) {
  return { content: { 'application/json': { schema: { $ref: `${COMPONENT_PREFIX}${component}` } } } };
}

function answer(component: string) {
  return { description: 'OK', ...bodyOf(component) };
}

const DRY_RUN = parameter('dryRun', 'query');
const WRITE_PARAMETERS = [DRY_RUN, parameter('fieldManager', 'query'), parameter('fieldValidation', 'query')];
const LIST_PARAMETERS = [
  ...['labelSelector', 'fieldSelector', 'continue', 'resourceVersion', 'resourceVersionMatch'].map((name) =>
    parameter(name, 'query'),
  ),
  ...['limit', 'timeoutSeconds'].map((name) => parameter(name, 'query', 'integer')),
  ...['watch', 'allowWatchBookmarks', 'sendInitialEvents'].map((name) => parameter(name, 'query', 'boolean')),
];
