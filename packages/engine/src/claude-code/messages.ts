import { z } from 'zod';

const scope = {
  uuid: z.string().optional(),
  session_id: z.string().optional(),
  parent_tool_use_id: z.string().nullish(),
};

const StreamEvent = z.object({
  type: z.literal('stream_event'),
  ...scope,
  event: z.discriminatedUnion('type', [
    z.object({ type: z.literal('message_start'), message: z.object({ id: z.string() }) }),
    z.object({
      type: z.literal('content_block_start'),
      index: z.number(),
      content_block: z.object({ type: z.string() }),
    }),
    z.object({
      type: z.literal('content_block_delta'),
      index: z.number(),
      delta: z.object({ type: z.string(), text: z.string().optional(), thinking: z.string().optional() }),
    }),
    z.object({ type: z.literal('content_block_stop'), index: z.number() }),
    z.object({ type: z.literal('message_stop') }),
  ]),
});

const AssistantBlock = z.object({
  type: z.string(),
  text: z.string().optional(),
  thinking: z.string().optional(),
  id: z.string().optional(),
  name: z.string().optional(),
  input: z.unknown().optional(),
});

const Assistant = z.object({
  type: z.literal('assistant'),
  ...scope,
  message: z.object({ id: z.string(), content: z.array(AssistantBlock) }),
  error: z.string().optional(),
  user_message_uuids: z.array(z.string()).optional(),
  supersedes: z.array(z.string()).optional(),
});

const UserBlock = z.object({
  type: z.string(),
  text: z.string().optional(),
  tool_use_id: z.string().optional(),
  content: z.unknown().optional(),
  is_error: z.boolean().optional(),
});

const User = z.object({
  type: z.literal('user'),
  ...scope,
  message: z.object({ content: z.union([z.string(), z.array(UserBlock)]) }),
  tool_use_result: z.unknown().optional(),
});

const ModelUsage = z.object({
  inputTokens: z.number().default(0),
  outputTokens: z.number().default(0),
  cacheReadInputTokens: z.number().default(0),
  cacheCreationInputTokens: z.number().default(0),
  thinkingTokens: z.number().default(0),
  costUSD: z.number().default(0),
  costBasis: z.string().optional(),
});

/** Tokens of one model, as the agent counts them. */
export type ClaudeModelUsage = z.infer<typeof ModelUsage>;

const Result = z.object({
  type: z.literal('result'),
  ...scope,
  subtype: z.string(),
  is_error: z.boolean(),
  result: z.string().optional(),
  errors: z.array(z.string()).optional(),
  api_error_status: z.number().nullish(),
  terminal_reason: z.string().nullish(),
  model_usage_since_last_result: z.record(z.string(), ModelUsage).default({}),
  queued_turn_count: z.number().optional(),
  user_message_uuids: z.array(z.string()).optional(),
});

/** How a turn of the agent ended. */
export type ClaudeResult = z.infer<typeof Result>;

const Lifecycle = z.object({
  type: z.literal('command_lifecycle'),
  command_uuid: z.string(),
  state: z.string(),
});

const SYSTEM = {
  init: z.object({
    type: z.literal('system'),
    subtype: z.literal('init'),
    session_id: z.string(),
    mcp_servers: z.array(z.object({ name: z.string(), status: z.string() })).default([]),
  }),
  api_retry: z.object({
    type: z.literal('system'),
    subtype: z.literal('api_retry'),
    attempt: z.number(),
    max_retries: z.number(),
    retry_delay_ms: z.number(),
    error_status: z.number().nullish(),
  }),
  status: z.object({
    type: z.literal('system'),
    subtype: z.literal('status'),
    status: z.string().nullish(),
    permissionMode: z.string().optional(),
  }),
  compact_boundary: z.object({ type: z.literal('system'), subtype: z.literal('compact_boundary') }),
};

const SCHEMAS = {
  stream_event: StreamEvent,
  assistant: Assistant,
  user: User,
  result: Result,
  command_lifecycle: Lifecycle,
};

/** Those messages of the agent that we understand. */
export type ClaudeMessage =
  | z.infer<(typeof SCHEMAS)[keyof typeof SCHEMAS]>
  | z.infer<(typeof SYSTEM)[keyof typeof SYSTEM]>;

const Head = z.object({ type: z.string(), subtype: z.string().optional() });

/** Reads one message. Kinds that we do not know, and shapes that changed, are undefined: newer agents say more. */
export function readMessage(value: unknown): ClaudeMessage | undefined {
  const head = Head.safeParse(value).data;
  if (!head) return undefined;
  const schema =
    head.type === 'system'
      ? pick(SYSTEM, head.subtype ?? '')
      : pick<(typeof SCHEMAS)[keyof typeof SCHEMAS]>(SCHEMAS, head.type);
  return schema?.safeParse(value).data;
}

function pick<Schema>(schemas: Record<string, Schema>, name: string): Schema | undefined {
  return Object.hasOwn(schemas, name) ? schemas[name] : undefined;
}
