import {
  ApiError,
  type AttachmentInfo,
  type ChatCancelAck,
  type ChatSend,
  type ChatSendAck,
  type Message,
  type ObjectReference,
} from '@wegent/api';
import type { ChatSocket } from './chat-socket.ts';
import { deliver, newClientMessageId } from './deliver.ts';
import {
  addOutgoing,
  confirmOutgoing,
  discardOutgoing,
  failOutgoing,
  findOutgoing,
  retryOutgoing,
} from './task-outgoing.ts';
import { createTaskSync, type TaskSessionState } from './task-sync.ts';
import { addEarlierMessages, applyServerEvent, earlierThan } from './task-view.ts';

/** What a person sends into a task. */
export type OutgoingInput = Omit<
  ChatSend,
  'taskId' | 'clientMessageId' | 'attachmentIds' | 'team' | 'type' | 'participants'
> & {
  attachments?: AttachmentInfo[];
};

/** What became of a message: taken or refused. */
export type SendResult = { ok: true; ack: ChatSendAck } | { ok: false; error: ApiError };

/** A task that is open on a screen. */
export type TaskSession = ReturnType<typeof createTaskSession>;

/** What a session needs. */
export interface TaskSessionOptions {
  socket: ChatSocket;
  taskId: string;
  /** Who sends; shown beside a message until the server's own copy is there. */
  me: { userId: string; name: string };
  /** Called after changes, once for all of a `schedule` step. */
  onChange: (state: TaskSessionState) => void;
  /** Reads `GET …/messages?before`, for `loadEarlier`. */
  loadMessages?: (before: string) => Promise<Message[]>;
  /** Milliseconds that a gap in the events may stay open before they are asked for; 250 by default. */
  gapDelayMs?: number;
  /** Defers a call of `onChange`; by default to the next animation frame, outside browsers to the next microtask. */
  schedule?: (callback: () => void) => void;
  /** The time now, RFC 3339. */
  now?: () => string;
}

/** Stopping a run may take until the engine's own deadline. */
const CANCEL_TIMEOUT_MS = 120_000;

/** Opens a task and keeps it up to date until it is closed. */
export function createTaskSession(options: TaskSessionOptions) {
  const { socket, taskId, me, now = () => new Date().toISOString(), schedule = nextFrame } = options;
  let closed = false;
  let announced = false;
  let lastDelivery: Promise<unknown> = Promise.resolve();

  const sync = createTaskSync({
    socket,
    taskId,
    gapDelayMs: options.gapDelayMs ?? 250,
    now,
    onChange: announce,
  });

  function announce(): void {
    if (announced) return;
    announced = true;
    schedule(() => {
      announced = false;
      if (!closed) options.onChange(sync.state());
    });
  }

  // One after the other, so that messages arrive in the order in which they were written. A delivery outlives
  // the session: whoever turns to another task has still sent the message.
  function deliverInOrder(payload: ChatSend): Promise<SendResult> {
    const { clientMessageId } = payload;
    const delivery = lastDelivery.then(async (): Promise<SendResult> => {
      try {
        const ack = await deliver(socket, payload);
        sync.applyInOrder((view) => confirmOutgoing(view, clientMessageId, ack));
        return { ok: true, ack };
      } catch (cause) {
        const error =
          cause instanceof ApiError
            ? cause
            : new ApiError('InternalError', 'the message was not sent', { cause });
        sync.apply((view) => failOutgoing(view, clientMessageId, error));
        return { ok: false, error };
      }
    });
    lastDelivery = delivery;
    return delivery;
  }

  function view() {
    const state = sync.state();
    return state.status === 'open' ? state.view : undefined;
  }

  async function changeQueued(
    messageId: string,
    action: 'edit' | 'delete' | 'send-now',
    message?: string,
  ): Promise<void> {
    await socket.request('chat:queued', {
      taskId,
      messageId,
      action,
      ...(message === undefined ? {} : { message }),
    });
  }

  const session = {
    /** What is known now. */
    state: sync.state,

    /** Sends a message; it is shown at once. Never rejects: a refusal is in the result and beside the message. */
    send({ attachments = [], ...input }: OutgoingInput): Promise<SendResult> {
      const payload: ChatSend = {
        ...input,
        clientMessageId: newClientMessageId(),
        taskId,
        ...(attachments.length === 0 ? {} : { attachmentIds: attachments.map(({ id }) => id) }),
      };
      sync.apply((current) => addOutgoing(current, { payload, sender: me, attachments, createdAt: now() }));
      return deliverInOrder(payload);
    },

    /** Sends another version of a message of the task. */
    edit(messageId: string, input: OutgoingInput): Promise<SendResult> {
      const edited = view()?.entries.get(messageId)?.message;
      return session.send({ ...input, ...(edited ? { parentId: edited.parentId } : {}) });
    },

    /** Sends a refused message again. */
    async retry(clientMessageId: string): Promise<SendResult | undefined> {
      const current = view();
      const outgoing = current && findOutgoing(current, clientMessageId);
      if (outgoing?.message.delivery?.state !== 'failed') return undefined;
      sync.apply((before) => retryOutgoing(before, clientMessageId));
      return deliverInOrder(outgoing.payload);
    },

    /** Forgets a refused message. */
    discard(clientMessageId: string): void {
      sync.apply((current) => discardOutgoing(current, clientMessageId));
    },

    /** Asks for another answer beside the one with this id. */
    regenerate(messageId: string, modelOverride?: ObjectReference): Promise<ChatSendAck> {
      return socket.request('chat:regenerate', {
        taskId,
        messageId,
        ...(modelOverride ? { modelOverride } : {}),
      });
    },

    /** Stops an answer, or all of them; answers when it has stopped. */
    cancel(messageId?: string): Promise<ChatCancelAck> {
      const payload = { taskId, ...(messageId === undefined ? {} : { messageId }) };
      return socket.request('chat:cancel', payload, { timeoutMs: CANCEL_TIMEOUT_MS });
    },

    /** Stops one run of a Team's turn, which goes on where it can without it; answers when it has stopped. */
    cancelRun(executionId: string): Promise<ChatCancelAck> {
      return socket.request('chat:cancel', { taskId, executionId }, { timeoutMs: CANCEL_TIMEOUT_MS });
    },

    /** Changes the text of a message that waits. */
    async editQueued(messageId: string, text: string): Promise<void> {
      await changeQueued(messageId, 'edit', text);
      const message = view()?.entries.get(messageId)?.message;
      if (!message) return;
      const signal = { name: 'chat:message', payload: { taskId, message: { ...message, text } } } as const;
      sync.applyInOrder((current) => applyServerEvent(current, signal, now()));
    },

    /** Takes a message that waits out of the queue. */
    async removeQueued(messageId: string): Promise<void> {
      await changeQueued(messageId, 'delete');
      const signal = { name: 'chat:removed', payload: { taskId, messageId } } as const;
      sync.applyInOrder((current) => applyServerEvent(current, signal, now()));
    },

    /** Stops what runs and goes on with a message that waits. */
    sendQueuedNow(messageId: string): Promise<void> {
      return changeQueued(messageId, 'send-now');
    },

    /** Shows another version of a message, and what followed it. */
    select(messageId: string): Promise<void> {
      return sync.exchange(() => socket.request('task:select', { taskId, messageId }));
    },

    /** Loads a page of earlier messages; false when there are none. */
    async loadEarlier(): Promise<boolean> {
      const current = view();
      const before = current && earlierThan(current);
      if (before === undefined || !options.loadMessages) return false;
      const messages = await options.loadMessages(before);
      sync.applyInOrder((latest) => addEarlierMessages(latest, messages));
      return messages.length > 0;
    },

    /** Tells the server that the person has seen the task up to now. */
    async markRead(): Promise<void> {
      await socket.request('task:read', { taskId });
    },

    /** Leaves the task. */
    close(): void {
      closed = true;
      sync.close();
      // Nobody waits for the answer: a connection that is gone has left the room anyway.
      void socket.request('task:leave', { taskId }).catch(() => undefined);
    },
  };
  return session;
}

function nextFrame(callback: () => void): void {
  if (typeof requestAnimationFrame === 'function') requestAnimationFrame(callback);
  else queueMicrotask(callback);
}
