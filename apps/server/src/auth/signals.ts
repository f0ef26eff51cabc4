import { randomUUID } from 'node:crypto';
import type { Bus } from '@wegent/bus';
import { z } from 'zod';

const TOPIC = 'auth';

const Signal = z.discriminatedUnion('type', [
  z.object({ type: z.literal('user-changed'), userId: z.string() }),
  z.object({ type: z.literal('user-revoked'), userId: z.string() }),
  z.object({ type: z.literal('session-ended'), sessionId: z.string() }),
  z.object({ type: z.literal('memberships-changed'), userId: z.string() }),
]);
/** A change of rights that every replica must hear of. */
export type Signal = z.infer<typeof Signal>;

const Envelope = z.object({ origin: z.string(), signal: Signal });

/** Tells all replicas of changed rights, see {@link createSignals}. */
export type Signals = ReturnType<typeof createSignals>;

/**
 * Changes of rights, told to the listeners of this process at once and to those of the other replicas over
 * the bus. Listeners forget what they have cached, and caches live for seconds only: while the bus is away a
 * change still takes effect everywhere soon, though its request is answered with the failure of the bus.
 */
export function createSignals(deps: { bus: Bus }) {
  const origin = randomUUID();
  const listeners = new Set<(signal: Signal) => void>();
  const tell = (signal: Signal) => {
    for (const listener of listeners) listener(signal);
  };

  return {
    /** Begins to hear the other replicas. */
    async start(): Promise<void> {
      await deps.bus.subscribe(TOPIC, (message) => {
        const envelope = Envelope.safeParse(message);
        if (envelope.success && envelope.data.origin !== origin) tell(envelope.data.signal);
      });
    },

    /** Tells of a change, after it has been stored. */
    async send(signal: Signal): Promise<void> {
      tell(signal);
      await deps.bus.publish(TOPIC, { origin, signal });
    },

    /** Calls the listener with every change, of this replica and of the others. */
    on(listener: (signal: Signal) => void): void {
      listeners.add(listener);
    },
  };
}
