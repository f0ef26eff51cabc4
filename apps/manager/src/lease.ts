import { ApiError, type Command, type ManagerLink } from '@wegent/api';

/** Keeps the lease on a run alive and fetches the orders of the server. */
export interface Lease {
  /** Asks for orders now and not only at the next beat. */
  poke(): void;
  stop(): void;
}

export interface LeaseOptions {
  link: Pick<ManagerLink, 'heartbeat'>;
  executionId: string;
  attempt: number;
  heartbeatMs: number;
  /** Ids of the inputs that arrived since it was asked last. */
  received?: () => string[];
  onCommand: (command: Command) => void;
  /** Called once when the server says that the lease is somebody else's, or that the run is over. */
  onLost: () => void;
}

/**
 * Beats until it is stopped. A server that cannot be reached takes no lease away, so only its word ends the run:
 * when it comes back it either still knows this attempt or refuses it.
 */
export function keepLease(options: LeaseOptions): Lease {
  const { link, executionId, attempt, heartbeatMs } = options;
  let beating = false;
  let again = false;
  let stopped = false;

  const beat = async () => {
    if (beating) {
      again = true;
      return;
    }
    beating = true;
    try {
      const received = options.received?.() ?? [];
      const { commands } = await link.heartbeat(executionId, {
        attempt,
        ...(received.length > 0 ? { received } : {}),
      });
      if (!stopped) for (const command of commands) options.onCommand(command);
    } catch (cause) {
      const lost = cause instanceof ApiError && (cause.reason === 'Conflict' || cause.reason === 'NotFound');
      if (lost && !stopped) {
        stop();
        options.onLost();
      }
    } finally {
      beating = false;
    }
    if (again && !stopped) {
      again = false;
      await beat();
    }
  };
  const timer = setInterval(() => void beat(), heartbeatMs);
  const stop = () => {
    stopped = true;
    clearInterval(timer);
  };
  return { poke: () => void beat(), stop };
}
