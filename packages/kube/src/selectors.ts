import { ApiError, type Requirement, type Selector } from '@wegent/api';

const MAX_SELECTOR_LENGTH = 16_384;

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

/** Refuses a selector that nobody writes by hand. */
export function checkSelectorLength(text: string, parameter: string): void {
  if (text.length > MAX_SELECTOR_LENGTH) {
    throw new ApiError('BadRequest', `${parameter} is longer than ${MAX_SELECTOR_LENGTH} characters`);
  }
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
