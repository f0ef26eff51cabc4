import { isFinal } from '@wegent/api';
import type { Store } from '@wegent/store';
import type { Publisher } from '../realtime/publisher.ts';

/** Milliseconds between looks at the database: the end may be written by another server. */
const LOOK_MS = 250;

/** Waits until a run is over, at most `deadlineMs`; says whether it is. */
export async function waitForEnd({
  store,
  publisher,
  executionId,
  deadlineMs,
}: {
  store: Store;
  publisher: Publisher;
  executionId: string;
  deadlineMs: number;
}): Promise<boolean> {
  const deadline = Date.now() + deadlineMs;
  while (Date.now() < deadline) {
    const execution = await store.executions.get(executionId);
    if (!execution || isFinal(execution.state)) return true;
    await nextLook(publisher, executionId);
  }
  return false;
}

function nextLook(publisher: Publisher, executionId: string): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      stop();
      resolve();
    };
    const timer = setTimeout(done, LOOK_MS);
    const stop = publisher.onFinished(executionId, done);
  });
}
