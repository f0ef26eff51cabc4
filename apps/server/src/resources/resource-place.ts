import type { KindDefinition } from '@wegent/api';
import type { FastifyRequest } from 'fastify';
import { fieldManagerOf } from './field-manager.ts';
import type { WriteParameters } from './request-schemas.ts';

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
    fieldManager: fieldManagerOf(request.query.fieldManager, request.headers['user-agent']),
  };
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
