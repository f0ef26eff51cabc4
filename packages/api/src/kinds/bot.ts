import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus } from '../meta.ts';
import { ObjectReference } from './reference.ts';

/** Spec of a Bot. */
export const BotSpec = z.strictObject({
  ghostRef: ObjectReference.describe('Who it is.'),
  shellRef: ObjectReference.describe('What it runs on.'),
  modelRef: ObjectReference.optional().describe('What it thinks with; chosen per task when absent.'),
});
export type BotSpec = z.infer<typeof BotSpec>;

/** A complete agent: persona, runtime and model. */
export const Bot = defineKind({
  kind: 'Bot',
  plural: 'bots',
  description: 'A Ghost, a Shell and a Model put together.',
  spec: BotSpec,
  status: CommonStatus,
  columns: [
    {
      name: 'Ghost',
      type: 'string',
      description: 'Its persona.',
      value: (object) => (object.spec.ghostRef as ObjectReference).name,
    },
    {
      name: 'Shell',
      type: 'string',
      description: 'Its runtime.',
      value: (object) => (object.spec.shellRef as ObjectReference).name,
    },
    {
      name: 'Model',
      type: 'string',
      description: 'Its model.',
      value: (object) => (object.spec.modelRef as ObjectReference | undefined)?.name,
    },
  ],
  references: (spec) => [
    { field: 'spec.ghostRef', kind: 'Ghost', ...spec.ghostRef },
    { field: 'spec.shellRef', kind: 'Shell', ...spec.shellRef },
    ...(spec.modelRef ? [{ field: 'spec.modelRef', kind: 'Model', ...spec.modelRef }] : []),
  ],
  normalise: (spec) => (spec.modelRef === null ? { ...spec, modelRef: undefined } : spec),
});
