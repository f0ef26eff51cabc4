import { z } from 'zod';
import { defineKind } from '../define-kind.ts';
import { CommonStatus } from '../meta.ts';

/** The engines an agent can run on. */
export const ShellType = z.enum(['Chat', 'ClaudeCode', 'Agno', 'Dify']);
export type ShellType = z.infer<typeof ShellType>;

/** Limits of a sandbox. */
export const ShellResources = z.strictObject({
  cpu: z.number().positive().max(256).optional().describe('Cores.'),
  memory: z
    .string()
    .regex(/^\d+(\.\d+)?(Ki|Mi|Gi|K|M|G)?$/)
    .optional()
    .describe('Bytes, such as 4Gi.'),
  pids: z.number().int().min(1).max(1_000_000).optional().describe('Processes and threads.'),
  disk: z
    .string()
    .regex(/^\d+(\.\d+)?(Ki|Mi|Gi|K|M|G)?$/)
    .optional()
    .describe('Bytes of the workspace.'),
});

/** Seconds after which the platform gives up. */
export const ShellTimeouts = z.strictObject({
  turnSeconds: z.number().positive().max(86_400).default(3600).describe('One whole turn.'),
  idleSeconds: z.number().positive().max(86_400).default(300).describe('Silence of the engine or model.'),
  startSeconds: z.number().positive().max(3600).default(120).describe('Start of the sandbox.'),
});

/** When a lost or failed run is tried again. */
export const ShellRetry = z.strictObject({
  maxAttempts: z.number().int().min(1).max(10).default(3).describe('Attempts in all.'),
});

/** Spec of a Shell. */
export const ShellSpec = z.strictObject({
  shellType: ShellType.describe('The engine. The older name of this field is runtime.'),
  baseImage: z.string().max(512).optional().describe('Image of the sandbox.'),
  baseShellRef: z.string().max(100).optional().describe('Shell that this one derives from.'),
  supportModel: z
    .array(z.string().max(64))
    .max(64)
    .optional()
    .describe('Providers it accepts; those of the engine when empty.'),
  resources: ShellResources.optional().describe('Limits of the sandbox.'),
  network: z
    .enum(['gateway-only', 'allowlist', 'open'])
    .default('gateway-only')
    .describe(
      'What the sandbox reaches: the model and the git host only, listed hosts too, or every public host.',
    ),
  egress: z
    .array(z.string().max(255))
    .max(256)
    .optional()
    .describe('Hosts that sandboxes with network "allowlist" reach, as host, host:port or *.domain.'),
  timeouts: ShellTimeouts.prefault({}).describe('When the platform gives up.'),
  retry: ShellRetry.prefault({}).describe('When it tries again.'),
});
export type ShellSpec = z.infer<typeof ShellSpec>;

/** Status of a Shell. */
export const ShellStatus = CommonStatus.extend({
  driver: z.string().optional().describe('Where it will run.'),
  imageReady: z.boolean().optional(),
});

/** The runtime of an agent. */
export const Shell = defineKind({
  kind: 'Shell',
  plural: 'shells',
  shortNames: ['sh'],
  description: 'The runtime of an agent: engine, image, limits, network and time-outs.',
  spec: ShellSpec,
  status: ShellStatus,
  selectableFields: ['spec.shellType'],
  olderSpellings: { runtime: 'shellType' },
  columns: [
    {
      name: 'Type',
      type: 'string',
      description: 'The engine.',
      value: (object) => object.spec.shellType as string,
    },
  ],
  normalise: ({ runtime, ...spec }) =>
    spec.shellType === undefined && runtime !== undefined ? { ...spec, shellType: runtime } : spec,
});
