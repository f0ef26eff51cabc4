import { brokenRule, isDryRun, isSet, type QueryParameters } from './query-parameters.ts';
import { FieldValidation } from './validate.ts';

/** Options of a create, an update or a patch. */
export interface WriteOptions {
  dryRun: boolean;
  fieldValidation: FieldValidation;
  fieldManager: string;
  /** Only for an apply: take over fields that others own. */
  force: boolean;
}

const MAX_MANAGER = 128;

/**
 * Reads the options of a write. `userAgent` names the field manager when the client does not. Throws `Invalid` for
 * values that Kubernetes refuses as well.
 */
export function parseWriteOptions(
  query: QueryParameters,
  { userAgent, apply = false }: { userAgent?: string | undefined; apply?: boolean } = {},
): WriteOptions {
  const fieldManager = query.get('fieldManager') ?? '';
  if (apply && fieldManager === '')
    throw brokenRule('fieldManager', 'is required for apply patch', 'FieldValueRequired');
  if (fieldManager.length > MAX_MANAGER)
    throw brokenRule('fieldManager', `may not be longer than ${MAX_MANAGER}`);
  if (/[^\p{L}\p{M}\p{N}\p{P}\p{S} ]/u.test(fieldManager))
    throw brokenRule('fieldManager', 'should only contain printable characters');
  if (!apply && query.get('force') !== null && isSet(query, 'force'))
    throw brokenRule('force', 'may not be specified for non-apply patch', 'FieldValueForbidden');
  const validation = query.get('fieldValidation') ?? '';
  const parsed = FieldValidation.safeParse(validation === '' ? 'Warn' : validation);
  if (!parsed.success) {
    throw brokenRule(
      'fieldValidation',
      `supported values: ${FieldValidation.options.map((value) => `"${value}"`).join(', ')}`,
    );
  }
  return {
    dryRun: isDryRun(query.getAll('dryRun')),
    fieldValidation: parsed.data,
    fieldManager: fieldManager === '' ? managerOfUserAgent(userAgent) : fieldManager,
    force: apply && isSet(query, 'force'),
  };
}

/** The field manager of a client that names none: what its user agent begins with. */
export function managerOfUserAgent(userAgent: string | undefined): string {
  const [product = ''] = (userAgent ?? '').split('/');
  const printable = product
    .replaceAll(/[^\x20-\x7e]/g, '')
    .trim()
    .slice(0, MAX_MANAGER);
  return printable === '' ? 'unknown' : printable;
}
