import { z } from 'zod';
import type { Status } from './errors.ts';
import { Outcome, RunError, TaskPhase } from './execution.ts';
import { ExecutionEvent, SequencedEvent } from './execution-events.ts';
import { ObjectReference } from './kinds/reference.ts';
import { ShellType } from './kinds/shell.ts';
import { TaskOptions } from './kinds/task.ts';
import { Message } from './message.ts';
import { RunStep } from './run-step.ts';
import { TaskItem } from './task-item.ts';
import { Usage } from './usage.ts';

/** Characters that one message may have. */
export const MAX_MESSAGE_CHARACTERS = 1_000_000;

const Id = z.string().min(1).max(100);

/** `chat:send`, and the body of POST /api/v1/tasks. */
export const ChatSend = z.strictObject({
  clientMessageId: z
    .string()
    .min(1)
    .max(100)
    .describe('Made by the client; the same id twice is the same message.'),
  taskId: Id.optional().describe('The conversation; a new one when absent.'),
  team: ObjectReference.optional().describe('Who answers; needed for a new conversation.'),
  message: z
    .string()
    .max(
      MAX_MESSAGE_CHARACTERS,
      `a message has at most ${MAX_MESSAGE_CHARACTERS.toLocaleString('en')} characters; attach longer text as a file`,
    ),
  title: z.string().max(500).optional(),
  type: z.enum(['chat', 'code']).optional(),
  attachmentIds: z.array(Id).max(20).optional(),
  workspace: z
    .union([
      z.object({ gitUrl: z.string().max(2048), branchName: z.string().max(255).optional() }),
      ObjectReference,
    ])
    .optional(),
  modelOverride: ObjectReference.optional(),
  options: TaskOptions.optional(),
  participants: z
    .array(z.string().max(100))
    .max(256)
    .optional()
    .describe('User names; makes a new conversation a group chat.'),
  whenBusy: z
    .enum(['queue', 'steer', 'reject'])
    .optional()
    .describe(
      'While an answer is being written: wait for it (default), stop it and go on with this, or refuse.',
    ),
  parentId: Id.nullable()
    .optional()
    .describe(
      'Message that this one follows; the newest when absent. Naming an earlier one makes a sibling (an edit).',
    ),
});
export type ChatSend = z.infer<typeof ChatSend>;

/** Answer to `chat:send`. Without executions the message waits in the queue or mentions no agent. */
export const ChatSendAck = z.object({
  taskId: z.string(),
  messageId: z.string(),
  executionIds: z.array(z.string()),
  queued: z.boolean().optional(),
});
export type ChatSendAck = z.infer<typeof ChatSendAck>;

/** `chat:regenerate`: another answer to the message that `messageId` (an answer) follows. */
export const ChatRegenerate = z.strictObject({
  taskId: Id,
  messageId: Id,
  modelOverride: ObjectReference.optional(),
});
/** `chat:queued`: changes a message that waits. */
export const ChatQueued = z.strictObject({
  taskId: Id,
  messageId: Id,
  action: z.enum(['edit', 'delete', 'send-now']),
  message: z.string().max(MAX_MESSAGE_CHARACTERS).optional(),
});
/** `chat:cancel`: stops one run, the runs of an answer, or those of the whole task. */
export const ChatCancel = z.strictObject({
  taskId: Id,
  messageId: Id.optional(),
  executionId: Id.optional().describe('One run of a Team; the turn goes on where it can without it.'),
});
/** `chat:resume`: the events after the last that the client has. */
export const ChatResume = z.strictObject({ taskId: Id, afterSeq: z.number().int().min(0) });
/** `task:join` and `task:leave`. */
export const TaskRoom = z.strictObject({ taskId: Id });
/** `task:select`: makes another sibling, and the newest conversation below it, the active path. */
export const TaskSelect = z.strictObject({ taskId: Id, messageId: Id });
/** `task:read`: the person has seen the task up to now. */
export const TaskRead = z.strictObject({ taskId: Id });
/** `history:sync`: messages of the active path after one that the client has. */
export const HistorySync = z.strictObject({ taskId: Id, afterMessageId: Id.nullable().optional() });

/** Answer to `chat:resume`. `snapshot` stands for everything up to its `seq`. */
export const ChatResumeAck = z.object({
  snapshot: z.object({ messages: z.array(Message), seq: z.number().int() }).optional(),
  events: z.array(SequencedEvent),
  lastSeq: z.number().int(),
});
export type ChatResumeAck = z.infer<typeof ChatResumeAck>;

/** Answer to `task:join`: running messages are folded to exactly `lastSeq`. */
export const TaskJoinAck = z.object({
  task: TaskItem,
  messages: z.array(Message),
  queued: z.array(Message),
  lastSeq: z.number().int(),
  running: z.array(z.string()),
  continue: z.string().optional().describe('Cursor of the page before, for GET …/messages?before.'),
});
export type TaskJoinAck = z.infer<typeof TaskJoinAck>;

const place = { taskId: z.string(), messageId: z.string(), executionId: z.string(), seq: z.number().int() };

/** Payloads of the events that the server sends. */
export const ServerEvents = {
  'chat:start': z.object({
    model: z.string().optional(),
    ...place,
    bot: ObjectReference,
    shellType: ShellType,
    attempt: z.number().int(),
    step: RunStep.optional(),
  }),
  'chat:chunk': z.object({ ...place, events: z.array(ExecutionEvent) }),
  'chat:done': z.object({
    ...place,
    usage: Usage.optional(),
    outcome: Outcome.optional().describe('`completed` when absent.'),
  }),
  'chat:error': z.object({ ...place, error: RunError }),
  'chat:cancelled': z.object(place),
  'chat:message': z.object({ taskId: z.string(), message: Message }),
  'chat:removed': z.object({ taskId: z.string(), messageId: z.string() }),
  'task:created': z.object({ task: TaskItem }),
  'task:status': z.object({
    taskId: z.string(),
    phase: TaskPhase,
    progress: z.number().int().optional(),
    updatedAt: z.string(),
    unread: z.boolean().optional(),
  }),
  'task:updated': z.object({ task: TaskItem }),
  'task:deleted': z.object({ taskId: z.string() }),
  'approval:requested': z.object({ taskId: z.string(), approvalId: z.string(), title: z.string() }),
  'approval:resolved': z.object({ taskId: z.string(), approvalId: z.string() }),
} as const;

/** Names of the events that the server sends. */
export type ServerEventName = keyof typeof ServerEvents;
/** Payload of an event by its name. */
export type ServerEvent<Name extends ServerEventName> = z.infer<(typeof ServerEvents)[Name]>;

/** What an acknowledgement carries: the answer, or why not. */
export type Ack<Answer> = ({ ok: true } & Answer) | { ok: false; error: Status };

/** Answer to `chat:cancel`. */
export interface ChatCancelAck {
  outcome: 'cancelled' | 'already-finished';
}

/** Requests that a client makes, with their answers; for typed sockets. */
export interface ClientRequests {
  'chat:send': [z.infer<typeof ChatSend>, ChatSendAck];
  'chat:regenerate': [z.infer<typeof ChatRegenerate>, ChatSendAck];
  'chat:queued': [z.infer<typeof ChatQueued>, Record<never, never>];
  'chat:cancel': [z.infer<typeof ChatCancel>, ChatCancelAck];
  'chat:resume': [z.infer<typeof ChatResume>, ChatResumeAck];
  'task:join': [z.infer<typeof TaskRoom>, TaskJoinAck];
  'task:leave': [z.infer<typeof TaskRoom>, Record<never, never>];
  'task:select': [z.infer<typeof TaskSelect>, TaskJoinAck];
  'task:read': [z.infer<typeof TaskRead>, Record<never, never>];
  'history:sync': [z.infer<typeof HistorySync>, { messages: Message[] }];
}

/** Schema of each request's payload. */
export const CLIENT_REQUESTS = {
  'chat:send': ChatSend,
  'chat:regenerate': ChatRegenerate,
  'chat:queued': ChatQueued,
  'chat:cancel': ChatCancel,
  'chat:resume': ChatResume,
  'task:join': TaskRoom,
  'task:leave': TaskRoom,
  'task:select': TaskSelect,
  'task:read': TaskRead,
  'history:sync': HistorySync,
} satisfies Record<keyof ClientRequests, z.ZodType>;

/** Event maps for `Server<ClientToServer, ServerToClient>` and `Socket<ServerToClient, ClientToServer>`. */
export type ClientToServer = {
  [Name in keyof ClientRequests]: (
    payload: ClientRequests[Name][0],
    ack: (answer: Ack<ClientRequests[Name][1]>) => void,
  ) => void;
};
export type ServerToClient = { [Name in ServerEventName]: (payload: ServerEvent<Name>) => void };
