import { z } from 'zod';
import { ApprovalRule, McpServer, ToolFilter } from './kinds/ghost.ts';
import { ModelCapabilities, ModelPricing } from './kinds/model.ts';
import { ObjectReference } from './kinds/reference.ts';
import { ShellResources, ShellType } from './kinds/shell.ts';
import { TaskOptions } from './kinds/task.ts';

/** How a model is reached. Protocol names are those of the providers' APIs. */
export const ModelEndpoint = z.object({
  name: z.string().describe('Name of the Model resource.'),
  protocol: z.enum(['openai-chat', 'openai-responses', 'anthropic', 'gemini']),
  modelId: z.string(),
  baseUrl: z.string().optional().describe("The provider's own when absent."),
  apiKey: z.string().optional(),
  headers: z.record(z.string(), z.string()),
  env: z
    .record(z.string(), z.string())
    .describe('Everything else of the environment, for engines that pass it on.'),
  capabilities: ModelCapabilities,
  pricing: ModelPricing.optional(),
});
export type ModelEndpoint = z.infer<typeof ModelEndpoint>;

/** A file that the model gets. Text of documents is extracted by the server; images go as bytes from the blob store. */
export const SpecAttachment = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  size: z.number().int(),
  text: z.string().optional(),
  blobKey: z.string().optional(),
});
export type SpecAttachment = z.infer<typeof SpecAttachment>;

/** An earlier message of the conversation. */
export const SpecMessage = z.object({
  id: z.string().optional().describe('Id of the message; engines with sessions find theirs by it.'),
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  sender: z.string().optional().describe('Name of the person, in group chats.'),
  author: z
    .string()
    .optional()
    .describe(
      'Who wrote an answer, where it was not the Bot of this run: what that one remembers is another.',
    ),
  attachments: z.array(SpecAttachment).optional(),
});
export type SpecMessage = z.infer<typeof SpecMessage>;

/** A conversation that a service keeps, as an earlier run of the same Bot in this branch left it. */
export const SpecSession = z.object({
  id: z.string().describe('What the service calls it; from the `session` event of that run.'),
  after: z
    .string()
    .optional()
    .describe('Id of the last message of `history` that it knows; none when absent.'),
});
export type SpecSession = z.infer<typeof SpecSession>;

/** A skill with its archive, a zip of the folder that holds SKILL.md. */
export const SpecSkill = z.object({
  name: z.string(),
  description: z.string(),
  archive: z.object({ blobKey: z.string(), sha256: z.string() }).optional(),
});
export type SpecSkill = z.infer<typeof SpecSkill>;

/** Who signs in at a git host. */
export const GitCredential = z.discriminatedUnion('type', [
  z.object({ type: z.literal('basic'), username: z.string(), password: z.string() }),
  z.object({
    type: z.literal('ssh'),
    privateKey: z.string(),
    knownHosts: z
      .string()
      .optional()
      .describe('Lines of a known_hosts file; the first key seen is kept when absent.'),
  }),
]);
export type GitCredential = z.infer<typeof GitCredential>;

/** What a code task works on. `repository` is absent for tasks that only need a folder. */
export const SpecWorkspace = z.object({
  repository: z
    .object({
      url: z
        .string()
        .describe('https://, http://, ssh://, user@host:path, or file:// where the operator allows it.'),
      branch: z
        .string()
        .optional()
        .describe("Branch that work starts from; the repository's default when absent."),
      credential: GitCredential.optional().describe('Never leaves the manager.'),
    })
    .optional(),
  workBranch: z.string().describe('Branch that the task commits to.'),
  author: z.object({ name: z.string(), email: z.string() }),
  setupCommands: z.array(z.string()),
  env: z.record(z.string(), z.string()),
  submodules: z.boolean(),
});
export type SpecWorkspace = z.infer<typeof SpecWorkspace>;

/** The Shell of a run, resolved. */
export const SpecShell = z.object({
  name: z.string(),
  shellType: ShellType,
  baseImage: z.string().optional(),
  resources: ShellResources.optional(),
  network: z.enum(['gateway-only', 'allowlist', 'open']),
  turnSeconds: z.number(),
  idleSeconds: z.number(),
  startSeconds: z.number(),
  maxAttempts: z.number().int(),
});
export type SpecShell = z.infer<typeof SpecShell>;

/** What a sandbox of a task is made for: enough to start one where no run is, for somebody who looks at its files. */
export const SandboxContext = z.object({
  taskId: z.string(),
  namespace: z.string(),
  taskType: z.enum(['chat', 'code']),
  shell: SpecShell,
  workspace: SpecWorkspace.optional(),
  egress: z.array(z.string()).describe('host or host:port that the sandbox may reach through the proxy.'),
  outboundAllow: z
    .array(z.string())
    .optional()
    .describe('host:port pairs of private addresses that this run may reach; absent = any.'),
  lastManagerId: z
    .string()
    .optional()
    .describe('Manager whose folder of the task is the newest; those of others are out of date.'),
});
export type SandboxContext = z.infer<typeof SandboxContext>;

/** A member of a Team that its engine runs itself: all that makes it another than the leader. */
export const SpecMember = z.object({
  name: z.string().describe('Within the Team; unique there.'),
  description: z.string().describe('What the leader reads about it.'),
  bot: ObjectReference,
  model: ModelEndpoint,
  systemPrompt: z.string(),
  mcpServers: z.record(z.string(), McpServer),
  tools: ToolFilter.optional(),
  approvals: z.array(ApprovalRule),
});
export type SpecMember = z.infer<typeof SpecMember>;

/** A Team that its engine runs in one run; everything outside of it is the leader's. */
export const SpecNativeTeam = z.object({
  mode: z.enum(['route', 'coordinate', 'collaborate']),
  members: z.array(SpecMember).min(1),
  rounds: z.number().int().min(1),
  limits: z.object({
    parallel: z.number().int().min(1),
    delegations: z.number().int().min(1),
    costUsd: z.number().optional(),
  }),
});
export type SpecNativeTeam = z.infer<typeof SpecNativeTeam>;

/**
 * One self-contained document with everything an engine needs for one run: Task, Team, Bot, Ghost, Model, Shell
 * and Workspace resolved. It holds secrets and never leaves the path from server to manager.
 */
export const ExecutionSpec = SandboxContext.extend({
  executionId: z.string(),
  messageId: z.string(),
  attempt: z.number().int().min(1),
  owner: z.object({ userId: z.string(), name: z.string() }),
  bot: ObjectReference,
  model: ModelEndpoint.optional(),
  systemPrompt: z.string(),
  teamPrompt: z
    .string()
    .optional()
    .describe(
      'The part of `systemPrompt` that is from the Team, for services that have instructions of their own.',
    ),
  mcpServers: z.record(z.string(), McpServer),
  tools: ToolFilter.optional(),
  approvals: z.array(ApprovalRule),
  skills: z.array(SpecSkill),
  history: z.array(SpecMessage),
  input: SpecMessage,
  session: SpecSession.optional().describe('Absent where a new conversation has to begin.'),
  options: TaskOptions,
  team: z
    .object({
      members: z.array(z.object({ name: z.string(), description: z.string() })),
      parallel: z.number().int().min(1),
    })
    .optional()
    .describe('The run leads these: its engine offers the tool delegate(member, instruction).'),
  nativeTeam: SpecNativeTeam.optional().describe('The run is the whole Team, in one.'),
});
export type ExecutionSpec = z.infer<typeof ExecutionSpec>;

/** Does the Model stand for an application of a Dify server? Shells of type Dify take such ones and no others. */
export function isDifyApplication({ env }: Pick<ModelEndpoint, 'env'>): boolean {
  return env.DIFY_API_KEY !== undefined || env.DIFY_BASE_URL !== undefined;
}
