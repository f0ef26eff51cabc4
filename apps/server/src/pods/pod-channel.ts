import { ApiError } from '@wegent/api';
import { decodeExecFrame, type ExecFrame, encodeExecFrame, encodeExit } from '@wegent/kube';
import type { WebSocket } from 'ws';

const CHECK_MS = 10_000;
/** A client that has not been heard of for so long is gone. */
const SILENCE_MS = 60_000;
/** A reader that has so much to catch up with makes the source wait. */
const MAX_OUTPUT_BYTES = 1024 * 1024;
/** A client with so much input under way is not read. */
const MAX_INPUT_BYTES = 256 * 1024;
const DRAIN_MS = 20;
/** How long a size is waited for. */
const SIZE_MS = 500;

/** Size of a terminal in characters. */
type Size = Pick<Extract<ExecFrame, { type: 'resize' }>, 'columns' | 'rows'>;

/** How a session ended, as its client hears it. */
export type Outcome = Parameters<typeof encodeExit>[0];

/** The way to the client of a session, see `createPodChannel`. */
export type PodChannel = ReturnType<typeof createPodChannel>;

/**
 * The way to one client of `exec` or `attach`: what a slow side has not taken makes the other one wait, silence is
 * filled with pings, and the right to it is asked for again and again.
 */
export function createPodChannel({
  client,
  authorise,
}: {
  client: WebSocket;
  /** Rejects when the client must not go on. */
  authorise: () => Promise<unknown>;
}) {
  let ended = false;
  let waiting = 0;
  const sized = Promise.withResolvers<Size | undefined>();
  const taker = Promise.withResolvers<(frame: ExecFrame) => Promise<unknown>>();
  let queue: Promise<unknown> = taker.promise;
  let heard = Date.now();
  const isOpen = () => !ended && client.readyState === client.OPEN;

  function end(outcome: Outcome): void {
    if (isOpen()) client.send(encodeExit(outcome));
    ended = true;
    client.close(1000);
  }
  const fail = (error: unknown) => end({ error: messageOf(error) });

  const check = setInterval(() => {
    if (!client.isPaused && Date.now() - heard > SILENCE_MS) return client.terminate();
    if (client.readyState === client.OPEN) {
      client.ping();
      // While it is not read its own pings have no answer.
      if (client.isPaused) client.pong();
    }
    authorise().catch(fail);
  }, CHECK_MS);
  const gone = new Promise<void>((resolve) => {
    client.once('close', () => {
      clearInterval(check);
      resolve();
    });
  });
  client.on('error', () => client.terminate());
  for (const sign of ['ping', 'pong', 'message'] as const)
    client.on(sign, () => {
      heard = Date.now();
    });

  client.on('message', (raw: Buffer) => {
    const frame = decodeExecFrame(raw);
    const pass = async () => (ended ? undefined : (await taker.promise)(frame));
    // Sizes do not wait behind input that nobody reads.
    if (frame.type === 'resize') {
      sized.resolve(frame);
      return void pass().catch(() => {});
    }
    waiting += raw.length;
    if (waiting > MAX_INPUT_BYTES) client.pause();
    queue = queue
      .then(pass)
      .catch(fail)
      .finally(() => {
        waiting -= raw.length;
        if (waiting <= MAX_INPUT_BYTES && client.isPaused) client.resume();
      });
  });

  return {
    /** Resolves when the client is gone. */
    gone,
    isOpen,
    end,
    fail,

    /** The size of the client's terminal, if it says so at once, as kubectl does. */
    firstSize: (): Promise<Size | undefined> =>
      Promise.race([sized.promise, gone.then(() => undefined), pause(SIZE_MS).then(() => undefined)]),

    /** Sends output; resolves when more may come. */
    async send(channel: 'stdout' | 'stderr', data: Uint8Array): Promise<void> {
      if (isOpen()) client.send(encodeExecFrame(channel, data));
      while (client.bufferedAmount > MAX_OUTPUT_BYTES && isOpen()) await pause(DRAIN_MS);
    },

    /**
     * Takes what came and comes. What `take` promises is waited for before the next frame of input; when it rejects
     * the session ends.
     */
    listen: taker.resolve,
  };
}

function messageOf(error: unknown): string {
  return error instanceof ApiError ? error.message : 'the connection to the sandbox was lost';
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
