import { EventEmitter } from 'node:events';
import type { ExecutionEvent, SequencedEvent, ServerEvent, ServerEventName, Usage } from '@wegent/api';

/** Sends to rooms of sockets; the Socket.IO server in production. */
export interface Rooms {
  toTask<Name extends ServerEventName>(taskId: string, event: Name, payload: ServerEvent<Name>): void;
  toUsers<Name extends ServerEventName>(
    userIds: readonly string[],
    event: Name,
    payload: ServerEvent<Name>,
  ): void;
  joinTask(userId: string, taskId: string): void;
  leaveTask(userId: string, taskId: string): void;
}

/** Events of one run that were stored together; their `seq` are contiguous. */
export interface StoredEvents {
  taskId: string;
  messageId: string;
  executionId: string;
  events: readonly SequencedEvent[];
  /** Usage of the run so far, for the event that ends it. */
  usage: Usage | null;
}

/** What the server tells the world about tasks. */
export type Publisher = ReturnType<typeof createPublisher>;

/**
 * Publishes what has been stored: to the rooms of sockets, and to listeners in this process
 * (server-sent events, waiting cancellations).
 */
export function createPublisher() {
  const local = new EventEmitter();
  local.setMaxListeners(0);
  let rooms: Rooms | undefined;

  return {
    /** Connects the sockets; before that, only listeners in this process hear. */
    attach(target: Rooms): void {
      rooms = target;
    },

    /** Sends stored events in their order. */
    events(stored: StoredEvents): void {
      for (const part of toSocketEvents(stored)) rooms?.toTask(stored.taskId, part.name, part.payload);
      local.emit(`task:${stored.taskId}`, stored.events);
      if (stored.events.some(({ event }) => event.type === 'finish'))
        local.emit(`finished:${stored.executionId}`);
    },

    /** Sends to everyone who looks at the task. */
    toTask<Name extends ServerEventName>(taskId: string, event: Name, payload: ServerEvent<Name>): void {
      rooms?.toTask(taskId, event, payload);
    },

    /** Sends to all sockets of users. */
    toUsers<Name extends ServerEventName>(
      userIds: readonly string[],
      event: Name,
      payload: ServerEvent<Name>,
    ): void {
      rooms?.toUsers(userIds, event, payload);
    },

    /** Puts all sockets of a user into the room of a task. */
    joinTask(userId: string, taskId: string): void {
      rooms?.joinTask(userId, taskId);
    },

    /** Takes all sockets of a user out of the room of a task. */
    leaveTask(userId: string, taskId: string): void {
      rooms?.leaveTask(userId, taskId);
    },

    /** Calls back with the stored events of a task until the returned function is called. */
    onTaskEvents(taskId: string, listener: (events: readonly SequencedEvent[]) => void): () => void {
      local.on(`task:${taskId}`, listener);
      return () => local.off(`task:${taskId}`, listener);
    },

    /** Calls back once when a run ends in this process. */
    onFinished(executionId: string, listener: () => void): () => void {
      local.once(`finished:${executionId}`, listener);
      return () => local.off(`finished:${executionId}`, listener);
    },
  };
}

interface SocketEvent {
  name: 'chat:start' | 'chat:chunk' | 'chat:done' | 'chat:error' | 'chat:cancelled';
  // Each name has its own payload; the builder below pairs them, `toTask` is generic over one name at a time.
  payload: never;
}

/** Turns stored events into socket events: start, chunks between, and the end. */
export function toSocketEvents(stored: StoredEvents): SocketEvent[] {
  const { taskId, messageId, executionId, usage } = stored;
  const result: SocketEvent[] = [];
  let chunk: ExecutionEvent[] = [];
  let chunkSeq = 0;
  const add = <Name extends SocketEvent['name']>(name: Name, payload: ServerEvent<Name>) =>
    result.push({ name, payload: payload as never });
  const flush = () => {
    if (chunk.length === 0) return;
    add('chat:chunk', { taskId, messageId, executionId, seq: chunkSeq, events: chunk });
    chunk = [];
  };
  for (const { seq, event } of stored.events) {
    const place = { taskId, messageId, executionId, seq };
    if (event.type === 'run-start') {
      flush();
      const { bot, shellType, attempt, model, step } = event;
      add('chat:start', {
        ...place,
        bot,
        shellType,
        attempt,
        ...(model === undefined ? {} : { model }),
        ...(step === undefined ? {} : { step }),
      });
    } else if (event.type === 'finish') {
      flush();
      if (event.outcome === 'failed' && event.error) add('chat:error', { ...place, error: event.error });
      else if (event.outcome === 'cancelled') add('chat:cancelled', place);
      else {
        const { outcome } = event;
        add('chat:done', {
          ...place,
          ...(outcome === 'completed' ? {} : { outcome }),
          ...(usage ? { usage } : {}),
        });
      }
    } else {
      chunk.push(event);
      chunkSeq = seq;
    }
  }
  flush();
  return result;
}
