import type { KindDefinition, ResourceObject } from '@wegent/api';
import { printable } from './printable.ts';
import { formatAge } from './table.ts';

/** How a table of objects looks. */
export interface TableLook {
  wide: boolean;
  /** Show the namespace, as for lists of all of them. */
  namespaces: boolean;
  labels?: boolean;
}

/** The head of a table of one kind. */
export function tableHead(definition: KindDefinition, look: TableLook): string[] {
  return [
    ...(look.namespaces ? ['NAMESPACE'] : []),
    'NAME',
    ...shownColumns(definition, look).map(({ name }) => name.toUpperCase()),
    'AGE',
    ...(look.labels ? ['LABELS'] : []),
  ];
}

/** One object's row. Control characters are not printed: a name must not move the cursor. */
export function tableRow(definition: KindDefinition, object: ResourceObject, look: TableLook): string[] {
  const { metadata } = object;
  const labels = Object.entries(metadata.labels ?? {}).map(([key, value]) => `${key}=${value}`);
  return [
    ...(look.namespaces ? [metadata.namespace] : []),
    metadata.name,
    ...shownColumns(definition, look).map(({ value }) => printable(String(value(object) ?? ''))),
    formatAge(metadata.creationTimestamp),
    ...(look.labels ? [labels.join(',') || '<none>'] : []),
  ];
}

function shownColumns(definition: KindDefinition, { wide }: TableLook) {
  return definition.columns.filter(({ priority = 0 }) => wide || priority === 0);
}
