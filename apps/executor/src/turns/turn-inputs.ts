import type { RunInput } from '@wegent/api';

/** What people say to a running turn: each once, in order, kept until the engine listens. */
export function createTurnInputs() {
  const seen = new Set<string>();
  const waiting: RunInput[] = [];
  let listener: ((input: RunInput) => void) | undefined;
  return {
    push(input: RunInput): void {
      if (seen.has(input.id)) return;
      seen.add(input.id);
      if (listener) listener(input);
      else waiting.push(input);
    },
    listen(next: (input: RunInput) => void): void {
      listener = next;
      for (const input of waiting.splice(0)) next(input);
    },
    has: (id: string): boolean => seen.has(id),
  };
}
