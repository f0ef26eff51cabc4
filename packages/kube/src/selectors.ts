import { ApiError, isLabelKey, isLabelValue, type Requirement, type Selector } from '@wegent/api';

const MAX_SELECTOR_LENGTH = 16_384;
const SET_REQUIREMENT = /^(\S+)\s+(in|notin)\s*\(([^()]*)\)$/;
const EQUALITY = /^([^=!\s]+)\s*(==|=|!=)\s*(\S*)$/;

/**
 * Parses a label selector (`app=web,tier in (a, b),!old`). Throws `BadRequest` that names the bad part.
 */
export function parseLabelSelector(text: string): Selector {
  return parts(text, 'labelSelector').map((part) => {
    const requirement = labelRequirement(part);
    if (!isLabelKey(requirement.key))
      throw badSelector('labelSelector', part, `"${requirement.key}" is not a valid label key`);
    const wrong = requirement.values.find((value) => !isLabelValue(value));
    if (wrong !== undefined)
      throw badSelector('labelSelector', part, `"${wrong}" is not a valid label value`);
    return requirement;
  });
}

/**
 * Parses a field selector (`metadata.name=a,spec.type!=code`). `selectable` lists the fields that may be named
 * besides `metadata.name` and `metadata.namespace`. Throws `BadRequest` that names the bad part.
 */
export function parseFieldSelector(text: string, selectable: readonly string[]): Selector {
  const allowed = ['metadata.name', 'metadata.namespace', ...selectable];
  return parts(text, 'fieldSelector').map((part) => {
    const [, key, operator, value] = EQUALITY.exec(part) ?? [];
    if (key === undefined || value === undefined)
      throw badSelector('fieldSelector', part, 'expected field=value or field!=value');
    if (!allowed.includes(key)) {
      throw badSelector(
        'fieldSelector',
        part,
        `field "${key}" is not supported; supported are ${allowed.join(', ')}`,
      );
    }
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] };
  });
}

/** Do the labels meet the selector? `!=` and `notin` hold for labels that are absent, as in Kubernetes. */
export function matchLabels(
  selector: Selector,
  labels: Readonly<Record<string, string>> | undefined,
): boolean {
  return selector.every((requirement) =>
    holds(
      requirement,
      labels && Object.hasOwn(labels, requirement.key) ? labels[requirement.key] : undefined,
    ),
  );
}

/** Do the fields of the object meet the selector? A field that is absent counts as empty text. */
export function matchFields(selector: Selector, object: object): boolean {
  return selector.every((requirement) => holds(requirement, fieldText(object, requirement.key)));
}

function labelRequirement(part: string): Requirement {
  const [, setKey, setOperator, list] = SET_REQUIREMENT.exec(part) ?? [];
  if (setKey !== undefined && list !== undefined) {
    const values = list.split(',').map((value) => value.trim());
    return { key: setKey, operator: setOperator === 'notin' ? 'notin' : 'in', values };
  }
  const [, key, operator, value] = EQUALITY.exec(part) ?? [];
  if (key !== undefined && value !== undefined)
    return { key, operator: operator === '!=' ? 'notin' : 'in', values: [value] };
  if (part.startsWith('!')) return { key: part.slice(1).trim(), operator: 'doesnotexist', values: [] };
  return { key: part, operator: 'exists', values: [] };
}

function holds({ operator, values }: Requirement, actual: string | undefined): boolean {
  switch (operator) {
    case 'in':
      return actual !== undefined && values.includes(actual);
    case 'notin':
      return actual === undefined || !values.includes(actual);
    case 'exists':
      return actual !== undefined;
    case 'doesnotexist':
      return actual === undefined;
  }
}

function fieldText(object: object, path: string): string {
  const value = path.split('.').reduce<unknown>((node, key) => {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return undefined;
    return (node as Record<string, unknown>)[key];
  }, object);
  return value === undefined || value === null ? '' : String(value);
}

function parts(text: string, parameter: string): string[] {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new ApiError('BadRequest', `${parameter} is longer than ${MAX_SELECTOR_LENGTH} characters`);
  }
  // A comma inside parentheses belongs to a set of values.
  const found = text.split(/,(?![^()]*\))/).map((part) => part.trim());
  if (found.length === 1 && found[0] === '') return [];
  if (found.includes(''))
    throw new ApiError('BadRequest', `unable to parse ${parameter} "${text}": a requirement is empty`);
  return found;
}

function badSelector(parameter: string, part: string, why: string): ApiError {
  return new ApiError('BadRequest', `unable to parse ${parameter}: "${part}": ${why}`);
}
