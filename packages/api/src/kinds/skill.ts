import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus } from '../meta.ts';

/** Spec of a Skill, as its SKILL.md says. */
export const SkillSpec = z.strictObject({
  description: z.string().max(4096).describe('When to use it.'),
  displayName: z.string().max(200).optional(),
  version: z.union([z.string().max(64), z.number()]).optional(),
  author: z.string().max(200).optional(),
  tags: z.array(z.string().max(64)).max(64).optional(),
});
export type SkillSpec = z.infer<typeof SkillSpec>;

/** Status of a Skill. */
export const SkillStatus = CommonStatus.extend({
  fileSize: z.number().int().optional(),
  fileHash: z.string().optional().describe('SHA-256 of the archive.'),
});

/** Instructions and files that an agent loads when it needs them. */
export const Skill = defineKind({
  kind: 'Skill',
  plural: 'skills',
  description:
    'Instructions and files that an agent loads when it needs them. The archive is uploaded beside it.',
  spec: SkillSpec,
  status: SkillStatus,
  columns: [
    {
      name: 'Version',
      type: 'string',
      description: 'Version of the skill.',
      value: (object) => object.spec.version as string | undefined,
    },
    {
      name: 'Description',
      type: 'string',
      description: 'When to use it.',
      value: (object) => object.spec.description as string,
    },
  ],
});
