import { API_GROUP, type KindDefinition } from '@wegent/api';
import type { FastifyRequest } from 'fastify';
import { fieldManagerOf } from './field-manager.ts';
import type { WriteParameters } from './request-schemas.ts';

/** The face that is Kubernetes' own, on which objects are spelled as they were applied. */
export const KUBERNETES_FACE = `/apis/${API_GROUP}/v1`;

/** Where a kind is served. */
export interface Place {
  definition: KindDefinition;
  /** Path of the objects of one namespace, or of all where the kind lies in none. */
  collection: string;
  /** Path of the objects of all namespaces; absent where something else stands there. */
  everywhere?: string | undefined;
  tags: string[];
}

/** What all writes take from their request. */
export function writeOf(request: FastifyRequest<{ Querystring: WriteParameters }>) {
  const { dryRun, fieldValidation } = request.query;
  return {
    principal: request.principal,
    dryRun,
    fieldValidation,
    asApplied: onKubernetesFace(request),
    fieldManager: fieldManagerOf(request.query.fieldManager, request.headers['user-agent']),
  };
}

/** Does a request go to the face that is Kubernetes' own? */
export function onKubernetesFace({ routeOptions }: Pick<FastifyRequest, 'routeOptions'>): boolean {
  return routeOptions.url?.startsWith(`${KUBERNETES_FACE}/`) === true;
}

/** The object that a path names. */
export function keyOf({ definition }: Place, params: { namespace: string; name?: string }) {
  return definition.namespaced
    ? { definition, namespace: params.namespace, name: params.name ?? '' }
    : { definition, namespace: '', name: params.namespace };
}

/** The path of one object. Namespaces have the name of the parameter that other kinds have in its place. */
export function objectPath({ definition, collection }: Place): string {
  return definition.namespaced ? `${collection}/:name` : `${collection}/:namespace`;
}
