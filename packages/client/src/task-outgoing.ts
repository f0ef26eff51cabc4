import type { ApiError, AttachmentInfo, ChatSend, ChatSendAck, Sender } from '@wegent/api';
import { placeMessage } from './task-path.ts';
import { change, type Delivery, type Outgoing, type TaskMessage, type TaskView } from './task-state.ts';
import { isBusy } from './task-view.ts';

/** Shows a message before the server has it. `createdAt` is RFC 3339. */
export function addOutgoing(
  view: TaskView,
  {
    payload,
    sender,
    attachments,
    createdAt,
  }: { payload: ChatSend; sender: Sender; attachments: AttachmentInfo[]; createdAt: string },
): TaskView {
  const { clientMessageId } = payload;
  const queued = isBusy(view) && (payload.whenBusy ?? 'queue') === 'queue' && payload.parentId === undefined;
  const message: TaskMessage = {
    id: clientMessageId,
    clientMessageId,
    taskId: view.task.taskId,
    parentId: payload.parentId === undefined ? (view.path.at(-1) ?? null) : payload.parentId,
    role: 'user',
    sender,
    text: payload.message,
    blocks: [],
    status: queued ? 'pending' : 'completed',
    attachments,
    executionIds: [],
    createdAt,
    ...(payload.options?.inputs ? { inputs: payload.options.inputs } : {}),
    siblings: { index: 1, count: 1, ids: [clientMessageId] },
    delivery: { state: 'sending' },
  };
  return change(view, (draft) => {
    draft.outgoing.push({ payload, message, queued });
  });
}

/** Makes an outgoing message a message of the task, unless the server's own copy came first. */
export function confirmOutgoing(view: TaskView, clientMessageId: string, ack: ChatSendAck): TaskView {
  const outgoing = findOutgoing(view, clientMessageId);
  if (!outgoing) return view;
  return change(view, (draft) => {
    draft.outgoing = draft.outgoing.filter((other) => other !== outgoing);
    if (draft.entries.has(ack.messageId)) return;
    const { delivery: _delivery, ...message } = outgoing.message;
    placeMessage(draft, {
      ...message,
      id: ack.messageId,
      parentId:
        outgoing.payload.parentId === undefined ? (draft.path.at(-1) ?? null) : outgoing.payload.parentId,
      status: ack.queued ? 'pending' : 'completed',
      siblings: { index: 1, count: 1, ids: [ack.messageId] },
    });
  });
}

/** Marks an outgoing message as refused; it stays until it is sent again or discarded. */
export function failOutgoing(view: TaskView, clientMessageId: string, error: ApiError): TaskView {
  return setDelivery(view, clientMessageId, { state: 'failed', error });
}

/** Marks a refused message as being sent again. */
export function retryOutgoing(view: TaskView, clientMessageId: string): TaskView {
  return setDelivery(view, clientMessageId, { state: 'sending' });
}

/** Forgets a message that was refused. */
export function discardOutgoing(view: TaskView, clientMessageId: string): TaskView {
  const outgoing = findOutgoing(view, clientMessageId);
  if (outgoing?.message.delivery?.state !== 'failed') return view;
  return change(view, (draft) => {
    draft.outgoing = draft.outgoing.filter((other) => other !== outgoing);
  });
}

/** The outgoing message with an id. */
export function findOutgoing(view: TaskView, clientMessageId: string): Outgoing | undefined {
  return view.outgoing.find(({ payload }) => payload.clientMessageId === clientMessageId);
}

function setDelivery(view: TaskView, clientMessageId: string, delivery: Delivery): TaskView {
  const outgoing = findOutgoing(view, clientMessageId);
  if (!outgoing) return view;
  return change(view, (draft) => {
    draft.outgoing = draft.outgoing.map((other) =>
      other === outgoing ? { ...outgoing, message: { ...outgoing.message, delivery } } : other,
    );
  });
}
