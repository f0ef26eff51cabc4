import type { z } from 'zod';
import { defineKind, type KindDefinition } from '../../define-kind.ts';

type CoreInput<Spec extends z.ZodType> = Parameters<typeof defineKind<Spec>>[0];

/** Declares a kind of Kubernetes' own core group, as far as this platform serves it. */
export function defineCoreKind<Spec extends z.ZodType>(input: CoreInput<Spec>): KindDefinition<Spec> {
  return defineKind({ group: '', categories: [], flat: true, ...input });
}
