/** Characters of one request; the server takes 64 KiB, and a character may be three bytes. */
const MAX_PIECE = 16_000;

/** Sends what is typed, in order, one request at a time; what is typed meanwhile goes together with the next one. */
export interface InputQueue {
  push(text: string): void;
}

/** Creates the queue. A failure is told and empties it: what was typed blindly should not arrive much later. */
export function createInputQueue({
  send,
  onFailure,
}: {
  send: (text: string) => Promise<unknown>;
  onFailure: (error: unknown) => void;
}): InputQueue {
  let waiting = '';
  let sending = false;

  async function run(): Promise<void> {
    sending = true;
    try {
      while (waiting !== '') {
        const text = waiting.slice(0, MAX_PIECE);
        waiting = waiting.slice(MAX_PIECE);
        await send(text);
      }
    } catch (error) {
      waiting = '';
      onFailure(error);
    } finally {
      sending = false;
    }
  }

  return {
    push(text) {
      waiting += text;
      if (!sending) void run();
    },
  };
}
