import { setTimeout as delay } from 'node:timers/promises';
import { ApiError } from '@wegent/api';
import { isBusy, type SendResult } from '@wegent/client';
import type { Random } from './random.ts';
import type { Viewer } from './viewer.ts';

type WhenBusy = 'queue' | 'steer' | 'reject';

/** What people did in a task, to be compared with what was stored. */
export interface Deeds {
  /** Ids of messages that the server has taken. */
  taken: Set<string>;
  /** Ids of messages that somebody tried to take out of the queue again. */
  withdrawn: Set<string>;
  /** What went wrong and must not. */
  faults: string[];
}

/** Does at random what people do, as several people at once, until the signal aborts; then waits for its sends. */
export async function talk({
  viewers,
  random,
  mention = '',
  signal,
}: {
  viewers: readonly [Viewer, ...Viewer[]];
  random: Random;
  /** Put before each message; calls somebody in a group chat. */
  mention?: string;
  signal: AbortSignal;
}): Promise<Deeds> {
  const deeds: Deeds = { taken: new Set(), withdrawn: new Set(), faults: [] };
  const sends: Promise<void>[] = [];

  const note = async ({ session, view }: Viewer, sending: Promise<SendResult>) => {
    const result = await sending;
    if (result.ok) {
      deeds.taken.add(result.ack.messageId);
      return;
    }
    // Refused on purpose: somebody asked for `whenBusy: reject`, or edits what is gone.
    if (result.error.reason !== 'Conflict') deeds.faults.push(`a send was refused: ${result.error.message}`);
    const refused = view()?.outgoing.filter(({ message }) => message.delivery?.state === 'failed') ?? [];
    for (const { payload } of refused) session.discard(payload.clientMessageId);
  };
  const send = (viewer: Viewer) => {
    const whenBusy = random.pick<WhenBusy>(['queue', 'queue', 'steer', 'reject']);
    sends.push(note(viewer, viewer.session.send({ message: `${mention}${promptOf(random)}`, whenBusy })));
  };

  while (!signal.aborted) {
    const viewer = random.pick(viewers);
    const view = viewer.view();
    await delay(random.below(250), undefined, { signal }).catch(() => undefined);
    if (!view || signal.aborted) continue;
    const answer = view.path.findLast((id) => view.entries.get(id)?.message.role === 'assistant');
    const question = view.path.findLast((id) => view.entries.get(id)?.message.role === 'user');
    const waiting = view.waiting[0];
    const { session } = viewer;
    // What waits is limited, so that the end does not have to wait for a long queue.
    const isFull = view.waiting.length + view.outgoing.length >= 3;
    const act = async () => {
      const choice = random.next();
      if (waiting !== undefined && (isFull || choice < 0.15)) {
        if (random.next() < 0.4) {
          deeds.withdrawn.add(waiting);
          return session.removeQueued(waiting);
        }
        return random.next() < 0.5
          ? session.editQueued(waiting, `${mention}${promptOf(random)}`)
          : session.sendQueuedNow(waiting);
      }
      if (isFull) return;
      if (choice < 0.7 || answer === undefined) return send(viewer);
      if (choice < 0.8) return session.cancel();
      if (choice < 0.9 && !isBusy(view)) return session.regenerate(answer);
      if (question === undefined) return send(viewer);
      sends.push(
        note(viewer, session.edit(question, { message: `${mention}${promptOf(random)}`, whenBusy: 'steer' })),
      );
    };
    await act().catch((error: unknown) => {
      if (!isExpected(error)) deeds.faults.push(`a request failed: ${String(error)}`);
    });
  }
  await Promise.all(sends);
  return deeds;
}

/** A prompt whose answer is quick: prose, exact text, tool calls, reasoning, failures that pass and that stay. */
function promptOf(random: Random): string {
  return random.pick<() => string>([
    () => `${50 + random.below(250)} words at 200 words per second`,
    () => `${50 + random.below(100)} words at 200 words per second`,
    () => `${20 + random.below(60)} words at 400 words per second, think about it step by step`,
    () => `echo ${'✓ 你好 <b>&amp;</b> '.repeat(1 + random.below(20))}`,
    () => `[[think so]] [[say first]] [[tool! clock {"zone":"UTC"}]] [[say second]]`,
    () => `写${20 + random.below(80)}字，每秒 200 字`,
    () => '[[fault cut 20]] 60 words at 400 words per second',
    () => '[[fault 401]]',
  ])();
}

// A connection may be gone at any moment, and others may have done the same thing just before.
function isExpected(error: unknown): boolean {
  return (
    error instanceof ApiError &&
    ['ServiceUnavailable', 'Timeout', 'Conflict', 'TooManyRequests'].includes(error.reason)
  );
}
