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
  role: z.enum(['user', 'assistant']),
  text: z.string(),
  sender: z.string().optional().describe('Name of the person, in group chats.'),
  attachments: z.array(SpecAttachment).optional(),
});
export type SpecMessage = z.infer<typeof SpecMessage>;

/**
 * One self-contained document with everything an engine needs for one run: Task, Team, Bot, Ghost, Model, Shell
 * and Workspace resolved. It holds secrets and never leaves the path from server to manager.
 */
export const ExecutionSpec = z.object({
  executionId: z.string(),
  taskId: z.string(),
  messageId: z.string(),
  attempt: z.number().int().min(1),
  namespace: z.string(),
  owner: z.object({ userId: z.string(), name: z.string() }),
  taskType: z.enum(['chat', 'code']),
  bot: ObjectReference,
  shell: z.object({
    name: z.string(),
    shellType: ShellType,
    baseImage: z.string().optional(),
    resources: ShellResources.optional(),
    network: z.enum(['gateway-only', 'allowlist', 'open']),
    turnSeconds: z.number(),
    idleSeconds: z.number(),
    startSeconds: z.number(),
    maxAttempts: z.number().int(),
  }),
  model: ModelEndpoint.optional(),
  systemPrompt: z.string(),
  mcpServers: z.record(z.string(), McpServer),
  tools: ToolFilter.optional(),
  approvals: z.array(ApprovalRule),
  skills: z.array(z.string()),
  history: z.array(SpecMessage),
  input: SpecMessage,
  options: TaskOptions,
  outboundAllow: z
    .array(z.string())
    .optional()
    .describe('host:port pairs of private addresses that this run may reach; absent = any.'),
});
export type ExecutionSpec = z.infer<typeof ExecutionSpec>;
