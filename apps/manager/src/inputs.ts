import type { RunInput } from '@wegent/api';

/** What people say to one run, from the server to its engine: in order, each once, however often it is delivered. */
export function createInputs() {
  const known = new Set<string>();
  const waiting: RunInput[] = [];
  let unconfirmed: string[] = [];
  let hear: ((input: RunInput) => void) | undefined;

  return {
    push(input: RunInput): void {
      unconfirmed.push(input.id);
      if (known.has(input.id)) return;
      known.add(input.id);
      if (hear) hear(input);
      else waiting.push(input);
    },

    /** Hands over what waits, and from then on what comes. */
    listen(listener: (input: RunInput) => void): void {
      hear = listener;
      for (const input of waiting.splice(0)) listener(input);
    },

    /** Ids to confirm with the next heartbeat; each is given once, and again when it is delivered again. */
    received(): string[] {
      const ids = unconfirmed;
      unconfirmed = [];
      return ids;
    },
  };
}
