import { ApiError, ChatSend, ChatSendAck, Message, TaskItem, TaskPhase } from '@wegent/api';
import { newId } from '@wegent/store';
import { z } from 'zod';
import type { AuthService } from '../auth/auth.service.ts';
import { bearerOf } from '../auth/bearer.ts';
import type { ChatService } from '../chat/chat.service.ts';
import type { App } from '../http/app-type.ts';
import type { Publisher } from '../realtime/publisher.ts';
import type { TaskService } from './task.service.ts';
import { streamTaskEvents } from './task-event-stream.ts';
import type { TaskRemoval } from './task-removal.ts';

const TaskParams = z.object({ taskId: z.string().min(1).max(100).describe('Id of the task.') });
const Page = z.object({
  limit: z.coerce.number().int().min(1).max(200).default(50),
  continue: z.string().max(500).optional().describe('Cursor of the page before.'),
  search: z.string().max(200).optional().describe('Part of the title.'),
  type: z.enum(['chat', 'code']).optional(),
  phase: z.string().max(200).optional().describe('Phases, comma-separated.'),
});
const TaskPatch = z
  .strictObject({
    title: z.string().trim().min(1).max(500).optional(),
    participants: z
      .array(z.string().max(100))
      .max(256)
      .optional()
      .describe('User names of all who take part besides the owner; only the owner may say.'),
  })
  .refine((patch) => patch.title !== undefined || patch.participants !== undefined, 'must change something');
const TaskList = z.object({
  kind: z.literal('TaskList'),
  apiVersion: z.string(),
  metadata: z.object({ continue: z.string().optional() }),
  items: z.array(TaskItem),
});
/** A request that is not repeated needs no id of the client. */
const HttpSend = ChatSend.partial({ clientMessageId: true });
const MessagePage = z.object({
  items: z.array(Message),
  metadata: z.object({ continue: z.string().optional() }),
});

/** `/api/v1/tasks`: the same services as the sockets, over HTTP. */
export function registerTaskRoutes(
  app: App,
  {
    tasks,
    chat,
    removal,
    publisher,
    auth,
  }: {
    tasks: TaskService;
    chat: ChatService;
    removal: TaskRemoval;
    publisher: Publisher;
    auth: Pick<AuthService, 'authenticate'>;
  },
): void {
  const tags = ['tasks'];

  app.get(
    '/api/v1/tasks',
    {
      schema: {
        tags,
        summary: "The caller's tasks, newest activity first",
        querystring: Page,
        response: { 200: TaskList },
      },
    },
    async (request) => {
      const { limit, continue: cursor, search, type, phase } = request.query;
      const { items, next } = await tasks.list(request.principal, {
        limit,
        before: decodeCursor(cursor),
        search,
        type,
        phases: parsePhases(phase),
      });
      return {
        kind: 'TaskList' as const,
        apiVersion: 'agent.wecode.io/v1',
        metadata: next ? { continue: encodeCursor(next) } : {},
        items,
      };
    },
  );

  app.post(
    '/api/v1/tasks',
    { schema: { tags, summary: 'Start a task', body: HttpSend, response: { 201: ChatSendAck } } },
    async (request, reply) =>
      reply.code(201).send(await chat.send(request.principal, withMessageId(request.body))),
  );

  app.get(
    '/api/v1/tasks/:taskId',
    { schema: { tags, summary: 'One task', params: TaskParams, response: { 200: TaskItem } } },
    (request) => tasks.item(request.principal, request.params.taskId),
  );

  app.patch(
    '/api/v1/tasks/:taskId',
    {
      schema: {
        tags,
        summary: 'Rename a task, or change who takes part',
        params: TaskParams,
        body: TaskPatch,
        response: { 200: TaskItem },
      },
    },
    (request) => tasks.change(request.principal, request.params.taskId, request.body),
  );

  app.delete(
    '/api/v1/tasks/:taskId',
    { schema: { tags, summary: 'Delete a task', params: TaskParams } },
    async (request, reply) => {
      const { taskId } = request.params;
      await tasks.requireOwner(request.principal, taskId);
      await removal.remove(request.principal, taskId);
      return reply.code(204).send();
    },
  );

  app.get(
    '/api/v1/tasks/:taskId/messages',
    {
      schema: {
        tags,
        summary: 'Messages of the active path, the newest page first',
        params: TaskParams,
        querystring: z.object({
          before: z.string().max(100).optional(),
          limit: z.coerce.number().int().min(1).max(200).default(50),
        }),
        response: { 200: MessagePage },
      },
    },
    async (request) => {
      const page = await tasks.messages(request.principal, request.params.taskId, request.query);
      return {
        items: page.messages,
        metadata: page.continue === undefined ? {} : { continue: page.continue },
      };
    },
  );

  app.post(
    '/api/v1/tasks/:taskId/messages',
    {
      schema: {
        tags,
        summary: 'Send a message to a task',
        params: TaskParams,
        body: HttpSend.omit({ taskId: true }),
        response: { 201: ChatSendAck },
      },
    },
    async (request, reply) =>
      reply.code(201).send(
        await chat.send(request.principal, {
          ...withMessageId(request.body),
          taskId: request.params.taskId,
        }),
      ),
  );

  app.get(
    '/api/v1/tasks/:taskId/events',
    {
      schema: {
        tags,
        summary: 'Events of a task as server-sent events',
        description:
          'Replays what is after `after`, then goes on live. Each event carries its number as `id`; `Last-Event-ID` resumes. ' +
          'Events that are not kept any more come as one event `snapshot` with the messages up to its number.',
        params: TaskParams,
        querystring: z.object({ after: z.coerce.number().int().min(0).default(0) }),
      },
    },
    async (request, reply) => {
      const { taskId } = request.params;
      const after = Number(request.headers['last-event-id'] ?? request.query.after);
      if (!Number.isSafeInteger(after) || after < 0) {
        throw new ApiError('BadRequest', 'Last-Event-ID is not the number of an event');
      }
      await tasks.checkAfter(request.principal, taskId, after);
      reply.hijack();
      const token = bearerOf(request);
      await streamTaskEvents({
        tasks,
        publisher,
        authenticate: () => auth.authenticate(token),
        taskId,
        after,
        response: reply.raw,
      });
    },
  );

  app.post(
    '/api/v1/tasks/:taskId/cancel',
    {
      schema: {
        tags,
        summary: 'Stop the answer that is being written',
        params: TaskParams,
        body: z
          .strictObject({
            messageId: z.string().max(100).optional(),
            executionId: z
              .string()
              .max(100)
              .optional()
              .describe('One run of a Team; the turn goes on where it can.'),
          })
          .nullish(),
        response: { 200: z.object({ outcome: z.enum(['cancelled', 'already-finished']) }) },
      },
    },
    (request) => chat.cancel(request.principal, { taskId: request.params.taskId, ...request.body }),
  );

  app.post(
    '/api/v1/tasks/:taskId/retry',
    {
      schema: {
        tags,
        summary: 'Answer the last message, or one that is named, again',
        params: TaskParams,
        body: z.strictObject({ messageId: z.string().max(100).optional() }).nullish(),
        response: { 201: ChatSendAck },
      },
    },
    async (request, reply) => {
      const { taskId } = request.params;
      const task = await tasks.require(request.principal, taskId);
      const messageId = request.body?.messageId ?? task.activeLeafId;
      if (messageId === null) throw new ApiError('Conflict', 'there is nothing to answer again in this task');
      return reply.code(201).send(await chat.regenerate(request.principal, { taskId, messageId }));
    },
  );
}

function encodeCursor(place: { activityAt: number; id: string }): string {
  return Buffer.from(JSON.stringify([place.activityAt, place.id])).toString('base64url');
}

function decodeCursor(cursor: string | undefined): { activityAt: number; id: string } | undefined {
  if (cursor === undefined) return undefined;
  try {
    const [activityAt, id] = z
      .tuple([z.number().int(), z.string()])
      .parse(JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8')));
    return { activityAt, id };
  } catch (cause) {
    throw new ApiError('BadRequest', 'continue is not a cursor of this list', { cause });
  }
}

function parsePhases(text: string | undefined): TaskPhase[] | undefined {
  if (text === undefined || text === '') return undefined;
  return text.split(',').map((part) => {
    const phase = TaskPhase.safeParse(part.trim());
    if (!phase.success)
      throw new ApiError(
        'BadRequest',
        `phase "${part}" does not exist; there are ${TaskPhase.options.join(', ')}`,
      );
    return phase.data;
  });
}

function withMessageId<Input extends { clientMessageId?: string | undefined }>(input: Input) {
  return { ...input, clientMessageId: input.clientMessageId ?? newId() };
}
