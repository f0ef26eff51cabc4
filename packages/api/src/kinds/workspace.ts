import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus } from '../meta.ts';

/** A git repository and the branch work starts from. */
export const Repository = z.strictObject({
  gitUrl: z
    .string()
    .max(2048)
    .refine(
      (url) => !/^[a-z][a-z0-9+.-]*:\/\/[^/]*:[^/]*@/i.test(url),
      'must not hold a password; store the credential under Settings → Git hosts instead',
    )
    .describe('Clone address, without credentials.'),
  gitRepo: z.string().max(512).optional().describe('owner/name.'),
  gitRepoId: z
    .union([z.number(), z.string().max(64)])
    .optional()
    .describe("The host's id of the repository."),
  branchName: z
    .string()
    .max(255)
    .optional()
    .describe("Branch that work starts from; the repository's default when absent."),
  gitDomain: z.string().max(255).optional().describe('Host, with port where it is not the usual one.'),
});

/** Spec of a Workspace. */
export const WorkspaceSpec = z.strictObject({
  repository: Repository.describe('What is worked on.'),
  setupCommands: z.array(z.string().max(32_768)).max(64).optional().describe('Run once after the clone.'),
  env: z.record(z.string(), z.string()).optional().describe('Environment of the agent; stored sealed.'),
  egress: z
    .array(z.string().max(255))
    .max(256)
    .optional()
    .describe(
      'Hosts that the agent may reach where the Shell has network "allowlist"; host, host:port or *.domain.',
    ),
  submodules: z.boolean().default(false).describe('Check submodules out too.'),
});
export type WorkspaceSpec = z.infer<typeof WorkspaceSpec>;

/** Status of a Workspace. */
export const WorkspaceStatus = CommonStatus.extend({
  lastCommit: z.string().optional(),
  archive: z.record(z.string(), z.unknown()).optional(),
});

/** Where an agent works. */
export const Workspace = defineKind({
  kind: 'Workspace',
  plural: 'workspaces',
  shortNames: ['ws'],
  description: 'A git repository, its set-up and what the agent may reach from it.',
  spec: WorkspaceSpec,
  status: WorkspaceStatus,
  secrets: ['spec.env.*'],
  columns: [
    {
      name: 'Repository',
      type: 'string',
      description: 'Clone address.',
      value: (object) => (object.spec.repository as { gitUrl: string }).gitUrl,
    },
    {
      name: 'Branch',
      type: 'string',
      description: 'Start of the work.',
      value: (object) => (object.spec.repository as { branchName?: string }).branchName,
    },
  ],
});
