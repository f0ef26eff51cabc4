import type { ChatSend, InputValues } from '@wegent/api';
import type { Store, TaskRow } from '@wegent/store';
import { MessageOptions } from './turn-options.ts';

/** Messages that are looked at. */
const FAR = 200;

/**
 * The message with what the forms of applications were filled in with last in its branch, where it brings nothing of its
 * own: nobody fills in a form twice. Files belong to the message that they came with.
 */
export async function withInputs<Sent extends Pick<ChatSend, 'options' | 'parentId'>>(
  store: Store,
  task: TaskRow,
  sent: Sent,
): Promise<Sent> {
  if (sent.options?.inputs) return sent;
  const leafId = sent.parentId === undefined ? task.activeLeafId : sent.parentId;
  if (leafId === null) return sent;
  const path = [
    ...(await store.messages.path(task.id, leafId, { limit: FAR })),
    ...(sent.parentId === undefined ? await store.messages.queued(task.id) : []),
  ];
  const inputs = path
    .filter(({ role }) => role === 'user')
    .map(({ options }) => MessageOptions.parse(options).options?.inputs)
    .findLast((values) => values !== undefined);
  const kept = inputs && withoutFiles(inputs);
  if (!kept || Object.keys(kept).length === 0) return sent;
  return { ...sent, options: { ...sent.options, inputs: kept } };
}

function withoutFiles(inputs: InputValues): InputValues {
  return Object.fromEntries(Object.entries(inputs).filter(([, value]) => !Array.isArray(value)));
}
