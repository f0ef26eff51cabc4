import { kindByName, MASK, mapSecrets } from '@wegent/api';
import { isMapping, sameJson } from '@wegent/kube';
import { stringify } from 'yaml';
import type { AgentDocument } from './agent-document.ts';

/** A field that is not what it was. Absent is what was not there; values are short YAML. */
export interface Change {
  field: string;
  before?: string;
  after?: string;
}

/** Stands for a secret that somebody wrote, which no plan shows. */
export const NEW_SECRET = '<new secret>';
const MAX_CHANGES = 200;

/** The fields in which two versions of a document differ. Secrets are not shown. */
export function changesOf(before: AgentDocument | undefined, after: AgentDocument): Change[] {
  const changes: Change[] = [];
  compare(strip(before), strip(after), '', changes);
  return changes.slice(0, MAX_CHANGES);
}

/** Would saving one in place of the other change anything? */
export function isSame(before: AgentDocument, after: AgentDocument): boolean {
  return sameJson(before.spec, after.spec) && sameJson(before.metadata, after.metadata);
}

function strip(document: AgentDocument | undefined): unknown {
  if (!document) return undefined;
  const { kind, metadata, spec } = document;
  const { name: _name, namespace: _namespace, ...rest } = metadata;
  const shown = { metadata: rest, spec };
  return mapSecrets(shown, kindByName(kind)?.secrets ?? [], (secret) =>
    secret === MASK || secret === '' ? secret : NEW_SECRET,
  );
}

function compare(before: unknown, after: unknown, field: string, changes: Change[]): void {
  if (sameJson(before, after)) return;
  if (isMapping(before) && isMapping(after)) {
    for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
      compare(before[key], after[key], field === '' ? key : `${field}.${key}`, changes);
    }
    return;
  }
  if (Array.isArray(before) && Array.isArray(after)) {
    for (let index = 0; index < Math.max(before.length, after.length); index += 1) {
      compare(before[index], after[index], `${field}[${index}]`, changes);
    }
    return;
  }
  // What is new as a whole is shown field by field down to where it means something: metadata and spec.
  if (
    before === undefined &&
    isMapping(after) &&
    (field === '' || field === 'spec' || field === 'metadata')
  ) {
    compare({}, after, field, changes);
    return;
  }
  changes.push({ field, ...textOf('before', before), ...textOf('after', after) });
}

function textOf(side: 'before' | 'after', value: unknown): Partial<Change> {
  if (value === undefined) return {};
  const text = typeof value === 'string' ? value : stringify(value, { lineWidth: 0 }).trimEnd();
  return { [side]: text };
}
