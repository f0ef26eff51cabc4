import { setTimeout as delay } from 'node:timers/promises';
import type { Turn } from '../engine.ts';
import { RunFailure } from '../run-failure.ts';
import { type DifyMode, isWorkflow } from './dify-app.ts';
import type { DifyClient } from './dify-client.ts';
import { asRecord, recordIn, textIn } from './dify-event.ts';
import { DifyFault, DifyStreamBroken } from './dify-fault.ts';
import type { EventMapper } from './map-events.ts';

/** A run that works can take as long as the server allows by itself: 1200 s. */
const RUNNING_FACTOR = 20;

/**
 * Waits for the end of a run whose stream is gone, by asking the server for what it keeps of it, and writes the
 * final answer. Rejects with a DifyFault when the run failed, with DifyStreamBroken when nothing is found in time.
 */
export async function recoverRun(given: {
  mode: DifyMode;
  mapper: EventMapper;
  client: DifyClient;
  user: string;
  turn: Turn;
  pollMs: number;
  /** Milliseconds to wait for a run of which it is not known whether it works. */
  waitMs: number;
}): Promise<void> {
  const { mapper, turn, pollMs, waitMs } = given;
  const started = performance.now();
  turn.emit({ type: 'phase', text: 'The connection to Dify broke; waiting for the rest of the answer' });
  for (;;) {
    const found = await lookUp(given);
    if (found === 'done') return mapper.end();
    const limit = found === 'running' ? waitMs * RUNNING_FACTOR : waitMs;
    if (performance.now() - started > limit)
      throw new DifyStreamBroken('the stream broke off and the server does not know how the run ended');
    await delay(pollMs, undefined, { signal: turn.signal });
    turn.touch();
  }
}

type Found = 'done' | 'running' | 'unknown';

async function lookUp(given: Parameters<typeof recoverRun>[0]): Promise<Found> {
  const { mode, mapper, turn } = given;
  const { ids } = mapper.place;
  try {
    if (isWorkflow(mode) && ids.workflowRunId !== undefined) return await lookUpWorkflow(given);
    return await lookUpMessage(given);
  } catch (cause) {
    turn.signal.throwIfAborted();
    // Of a record that was found, or a refusal that will stay.
    if (cause instanceof RunFailure) throw cause;
    if (cause instanceof DifyFault && (cause.status === undefined || cause.status === 401)) throw cause;
    return 'unknown';
  }
}

async function lookUpWorkflow({
  mode,
  mapper,
  client,
  turn,
}: Parameters<typeof recoverRun>[0]): Promise<Found> {
  const record = await client.get(`/workflows/run/${mapper.place.ids.workflowRunId}`, turn.signal);
  const status = textIn(record, 'status');
  if (status === 'running' || status === 'scheduled') return 'running';
  if (status === 'paused')
    throw new RunFailure({
      reason: 'ModelBadRequest',
      message:
        'The workflow waits in Dify for a form to be filled in, and the connection to it broke. Answer it in Dify, or send the message again.',
      retryable: false,
    });
  if (status === '') return 'unknown';
  const answer = textIn(recordIn(record, 'outputs'), 'answer');
  if (mode === 'advanced-chat' && status !== 'failed' && answer !== '') mapper.settle(answer);
  // Which outputs were streamed in full is not known any more.
  if (mode === 'workflow' && status !== 'failed') mapper.settle('');
  mapper.endOfWorkflow(record);
  return 'done';
}

async function lookUpMessage({
  mapper,
  client,
  user,
  turn,
}: Parameters<typeof recoverRun>[0]): Promise<Found> {
  const { conversationId, messageId } = mapper.place.ids;
  if (conversationId === undefined || messageId === undefined) return 'unknown';
  const query = new URLSearchParams({ conversation_id: conversationId, user, limit: '20' });
  const { data } = await client.get(`/messages?${query}`, turn.signal);
  const message = (Array.isArray(data) ? data : []).map(asRecord).find((one) => one?.id === messageId);
  if (!message) return 'unknown';
  if (textIn(message, 'status') === 'error')
    throw new DifyFault({ code: 'completion_request_error', message: textIn(message, 'error') });
  const answer = textIn(message, 'answer');
  if (answer === '') return 'unknown';
  mapper.settle(answer);
  mapper.endOfMessage(message);
  return 'done';
}
