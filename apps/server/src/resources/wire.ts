import {
  apiVersionOf,
  type KindDefinition,
  type ResourceObject,
  withPlainMasks,
  withWireMasks,
} from '@wegent/api';
import { isMapping } from '@wegent/kube';

const ENVELOPE = ['apiVersion', 'kind', 'metadata', 'status'];

/** An object as clients read and write it. */
export type WireObject = Record<string, unknown> & { metadata: Record<string, unknown> };

/**
 * The form in which clients see an object. Inside the platform the content of every kind stands in `spec`; on the
 * wire some kinds of Kubernetes have it beside `metadata`.
 */
export function toWire(definition: KindDefinition, object: ResourceObject): WireObject {
  const { namespace, ...metadata } = object.metadata;
  const head = {
    apiVersion: apiVersionOf(definition),
    kind: definition.kind,
    metadata: namespace === '' ? metadata : object.metadata,
  };
  if (!definition.flat) return { ...object, ...head };
  return { ...head, ...(definition.kind === 'Secret' ? withWireMasks(object.spec) : object.spec) };
}

/** A document from the wire in the platform's own form; what is no mapping is left to validation. */
export function fromWire(definition: KindDefinition, input: unknown): unknown {
  if (!definition.flat || !isMapping(input)) return input;
  const head = Object.fromEntries(Object.entries(input).filter(([key]) => ENVELOPE.includes(key)));
  const fields = Object.fromEntries(Object.entries(input).filter(([key]) => !ENVELOPE.includes(key)));
  return { ...head, spec: definition.kind === 'Secret' ? secretFields(fields) : fields };
}

/** The path of a field on the wire, from the one inside. */
export function wireField({ flat }: KindDefinition, field: string): string {
  return flat ? field.replace(/^spec\./, '') : field;
}

function secretFields({ stringData, ...fields }: Record<string, unknown>): Record<string, unknown> {
  const plain = withPlainMasks(fields);
  if (!isMapping(stringData)) return plain;
  const data = isMapping(plain.data) ? plain.data : {};
  const encoded = Object.entries(stringData).map(([key, value]) => [
    key,
    typeof value === 'string' ? Buffer.from(value).toString('base64') : value,
  ]);
  return { ...plain, data: { ...data, ...Object.fromEntries(encoded) } };
}
