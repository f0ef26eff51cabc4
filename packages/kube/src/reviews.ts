import { ApiError, parseOrThrow } from '@wegent/api';
import { z } from 'zod';
import { isMapping } from './tree.ts';

/** Who asks. */
export interface ReviewedUser {
  username: string;
  uid?: string;
  groups: readonly string[];
}

/** May somebody do this to resources? */
export interface ResourceQuestion {
  verb: string;
  group: string;
  version: string;
  resource: string;
  subresource: string;
  /** Empty for all namespaces, and for what has none. */
  namespace: string;
  /** Empty for all names. */
  name: string;
}

/** May somebody do this to a path that is no resource? */
export interface PathQuestion {
  verb: string;
  path: string;
}

/** The answer to such a question; `reason` is what kubectl prints after "no". */
export interface Decision {
  allowed: boolean;
  reason?: string;
}

/** What somebody may do in a namespace. */
export interface Rules {
  resourceRules: readonly {
    verbs: readonly string[];
    apiGroups: readonly string[];
    resources: readonly string[];
    resourceNames?: readonly string[];
  }[];
  nonResourceRules: readonly { verbs: readonly string[]; nonResourceURLs: readonly string[] }[];
  /** There may be more that could not be listed. */
  incomplete?: boolean;
}

const text = z
  .string()
  .max(1024)
  .nullish()
  .transform((value) => value ?? '');
const AccessSpec = z.object({
  resourceAttributes: z
    .object({
      verb: text,
      group: text,
      version: text,
      resource: text,
      subresource: text,
      namespace: text,
      name: text,
    })
    .nullish(),
  nonResourceAttributes: z.object({ verb: text, path: text }).nullish(),
});
const RulesSpec = z.object({ namespace: text });

/** Answers a `SelfSubjectReview`: who am I? */
export function answerSelfSubjectReview(body: unknown, user: ReviewedUser) {
  return {
    ...envelope(body, 'authentication.k8s.io/v1', 'SelfSubjectReview'),
    status: {
      userInfo: {
        username: user.username,
        ...(user.uid === undefined ? {} : { uid: user.uid }),
        groups: user.groups,
      },
    },
  };
}

/** Answers a `SelfSubjectAccessReview`: may I do this? `decide` knows the rights. */
export async function answerAccessReview(
  body: unknown,
  decide: (question: ResourceQuestion | PathQuestion) => Decision | Promise<Decision>,
) {
  const review = envelope(body, 'authorization.k8s.io/v1', 'SelfSubjectAccessReview');
  const spec = specOf(body);
  const { resourceAttributes, nonResourceAttributes } = parseOrThrow(
    AccessSpec,
    spec,
    'SelfSubjectAccessReview',
  );
  const question = resourceAttributes ?? nonResourceAttributes;
  if (!question || (resourceAttributes && nonResourceAttributes)) {
    throw new ApiError(
      'BadRequest',
      'exactly one of spec.resourceAttributes and spec.nonResourceAttributes must be specified',
    );
  }
  const { allowed, reason } = await decide(question);
  return { ...review, spec, status: { allowed, ...(reason ? { reason } : {}) } };
}

/** Answers a `SelfSubjectRulesReview`: what may I do in a namespace? `list` knows the rights. */
export async function answerRulesReview(body: unknown, list: (namespace: string) => Rules | Promise<Rules>) {
  const review = envelope(body, 'authorization.k8s.io/v1', 'SelfSubjectRulesReview');
  const { namespace } = parseOrThrow(RulesSpec, specOf(body), 'SelfSubjectRulesReview');
  if (namespace === '')
    throw new ApiError('BadRequest', 'no namespace on request: spec.namespace is required');
  const { resourceRules, nonResourceRules, incomplete = false } = await list(namespace);
  return { ...review, spec: { namespace }, status: { incomplete, resourceRules, nonResourceRules } };
}

function envelope(body: unknown, apiVersion: string, kind: string) {
  if (!isMapping(body)) throw new ApiError('BadRequest', `expected a ${kind} document`);
  for (const [field, expected] of Object.entries({ apiVersion, kind })) {
    const given = body[field];
    if (given !== undefined && given !== null && given !== '' && given !== expected)
      throw new ApiError(
        'BadRequest',
        `the ${field} in the data does not match the expected ${field} (${expected})`,
      );
  }
  return { apiVersion, kind, metadata: {} };
}

function specOf(body: unknown): Record<string, unknown> {
  const spec = isMapping(body) ? body.spec : undefined;
  return isMapping(spec) ? spec : {};
}
