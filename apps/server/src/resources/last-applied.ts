import {
  collectSecrets,
  type KindDefinition,
  LAST_APPLIED_ANNOTATION,
  type ResourceObject,
} from '@wegent/api';
import { isMapping } from '@wegent/kube';

/**
 * The object with its last-applied annotation in the spelling that secret paths are written for, where the document
 * in it hides secrets behind an older one. Whatever cannot be understood is emptied.
 */
export function withReadableLastApplied(object: ResourceObject, definition: KindDefinition): ResourceObject {
  const { annotations } = object.metadata;
  const text = annotations?.[LAST_APPLIED_ANNOTATION];
  if (text === undefined) return object;
  const rewritten = rewrite(text, definition);
  return {
    ...object,
    metadata: { ...object.metadata, annotations: { ...annotations, [LAST_APPLIED_ANNOTATION]: rewritten } },
  };
}

function rewrite(text: string, definition: KindDefinition): string {
  try {
    const document: unknown = JSON.parse(text);
    if (!isMapping(document)) return '{}';
    // The document has its content beside its metadata; patterns of secrets are written for that as well.
    if (definition.flat) return text;
    if (!isMapping(document.spec)) return JSON.stringify({ ...document, spec: {} });
    const normalised = { ...document, spec: definition.normalise({ ...document.spec }) };
    return samePaths(document, normalised, definition) ? text : JSON.stringify(normalised);
  } catch {
    return '{}';
  }
}

function samePaths(left: object, right: object, { secrets }: KindDefinition): boolean {
  const paths = (document: object) => [...collectSecrets(document, secrets).keys()].sort().join('\n');
  return paths(left) === paths(right);
}
