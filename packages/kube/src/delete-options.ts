import { ApiError } from '@wegent/api';
import { z } from 'zod';
import { brokenRule, given, isDryRun, isSet, type QueryParameters, wholeNumber } from './query-parameters.ts';

/** What happens to the objects that an object owns. */
export const PropagationPolicy = z.enum(['Orphan', 'Background', 'Foreground']);
export type PropagationPolicy = z.infer<typeof PropagationPolicy>;

/** Options of a deletion. */
export interface DeleteOptions {
  dryRun: boolean;
  propagationPolicy?: PropagationPolicy;
  gracePeriodSeconds?: number;
  preconditions: { uid?: string; resourceVersion?: string };
}

const DeleteBody = z.object({
  dryRun: z.array(z.string()).nullish(),
  propagationPolicy: z.string().nullish(),
  orphanDependents: z.boolean().nullish(),
  gracePeriodSeconds: z.number().int().nullish(),
  preconditions: z.object({ uid: z.string().nullish(), resourceVersion: z.string().nullish() }).nullish(),
});

/** Reads the options of a deletion from the body (`DeleteOptions`), and from the query where the body is silent. */
export function parseDeleteOptions(query: QueryParameters, body: unknown): DeleteOptions {
  const parsed = DeleteBody.nullish().safeParse(body === '' ? undefined : body);
  if (!parsed.success) {
    const [issue] = parsed.error.issues;
    throw new ApiError(
      'BadRequest',
      `the DeleteOptions are malformed: ${issue?.path.join('.') ?? ''} ${issue?.message ?? ''}`,
    );
  }
  const sent = parsed.data ?? {};
  const policy = sent.propagationPolicy ?? query.get('propagationPolicy') ?? undefined;
  const orphan =
    sent.orphanDependents ??
    (query.get('orphanDependents') === null ? undefined : isSet(query, 'orphanDependents'));
  if (policy !== undefined && orphan !== undefined)
    throw brokenRule('propagationPolicy', 'orphanDependents and propagationPolicy cannot be both set');
  const known = PropagationPolicy.optional().safeParse(policy === '' ? undefined : policy);
  if (!known.success)
    throw brokenRule(
      'propagationPolicy',
      `supported values: ${PropagationPolicy.options.map((value) => `"${value}"`).join(', ')}`,
    );
  const effective = known.data ?? (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background');
  const grace = sent.gracePeriodSeconds ?? wholeNumber(query, 'gracePeriodSeconds');
  if (grace !== undefined && grace < 0)
    throw brokenRule('gracePeriodSeconds', 'must be greater than or equal to 0');
  const { uid, resourceVersion } = sent.preconditions ?? {};
  return {
    dryRun: isDryRun([...(sent.dryRun ?? []), ...query.getAll('dryRun')]),
    ...given('propagationPolicy', effective),
    ...given('gracePeriodSeconds', grace),
    preconditions: {
      ...given('uid', uid || undefined),
      ...given('resourceVersion', resourceVersion || undefined),
    },
  };
}
