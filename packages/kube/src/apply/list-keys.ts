import { fieldPath, type StatusCause } from '@wegent/api';
import { fieldScope, itemScope, listTopology, type SchemaScope } from '../json-schema.ts';
import { isMapping } from '../tree.ts';
import { valueStep } from './field-set.ts';
import { keyValue, stepOfItem } from './structure.ts';

const MAX_CAUSES = 100;

/** What is wrong with the lists of a document whose items are told apart by keys or by value. */
export function listKeyCauses(value: unknown, scope: SchemaScope, path: PropertyKey[] = []): StatusCause[] {
  if (Array.isArray(value)) return itemCauses(value, scope, path).slice(0, MAX_CAUSES);
  if (!isMapping(value)) return [];
  return Object.entries(value)
    .flatMap(([name, child]) => listKeyCauses(child, fieldScope(scope, name), [...path, name]))
    .slice(0, MAX_CAUSES);
}

function itemCauses(list: readonly unknown[], scope: SchemaScope, path: PropertyKey[]): StatusCause[] {
  const topology = listTopology(scope);
  if (topology.type === 'atomic') return [];
  const items = itemScope(scope);
  const seen = new Set<string>();
  return list.flatMap((item, index) => {
    const at = [...path, index];
    if (topology.type === 'map' && !isMapping(item)) {
      return [cause('FieldValueTypeInvalid', at, 'Invalid value: expected a mapping')];
    }
    const step = topology.type === 'map' ? stepOfItem(item, topology.keys, items) : valueStep(item);
    if (step === undefined) {
      return topology.type === 'map' && isMapping(item)
        ? missingKeys({ item, keys: topology.keys, items, at })
        : [cause('FieldValueRequired', at, 'Required value')];
    }
    if (seen.has(step)) return [cause('FieldValueDuplicate', at, `Duplicate value: ${step.slice(2, 200)}`)];
    seen.add(step);
    return topology.type === 'map' ? listKeyCauses(item, items, at) : [];
  });
}

function missingKeys({
  item,
  keys,
  items,
  at,
}: {
  item: Record<string, unknown>;
  keys: readonly string[];
  items: SchemaScope;
  at: PropertyKey[];
}): StatusCause[] {
  return keys.flatMap((key): StatusCause[] => {
    const value = keyValue(item, key, items);
    if (value === undefined)
      return [
        cause('FieldValueRequired', [...at, key], 'Required value: items of the list are told apart by it'),
      ];
    return typeof value === 'object'
      ? [cause('FieldValueTypeInvalid', [...at, key], 'Invalid value: expected text, a number or a boolean')]
      : [];
  });
}

function cause(reason: string, path: PropertyKey[], message: string): StatusCause {
  return { reason, field: fieldPath('', path), message };
}
