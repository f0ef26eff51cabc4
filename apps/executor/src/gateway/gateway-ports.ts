import { createGatewayPort, type GatewayPort } from './gateway-port.ts';

/** A port in use by one run. */
export interface PortLease {
  readonly port: GatewayPort;
  /** A new manager has a new token for the same run. */
  setToken(token: string): void;
  /** Closes the port; its number stays for the next run with the same key. */
  release(): void;
}

/** The gateway ports of an executor. */
export type GatewayPorts = ReturnType<typeof createGatewayPorts>;

/**
 * One port for each key (an agent keeps its address from turn to turn, because its process stays), and a further one
 * when two runs of a key work at the same time.
 */
export function createGatewayPorts(socketPath: string) {
  const places: { key: string; port: Promise<GatewayPort>; busy: boolean }[] = [];
  return {
    async lease(key: string, token: string): Promise<PortLease> {
      let place = places.find((candidate) => candidate.key === key && !candidate.busy);
      if (!place) {
        place = { key, port: createGatewayPort(socketPath), busy: true };
        places.push(place);
      }
      const mine = place;
      mine.busy = true;
      const port = await mine.port;
      port.setToken(token);
      let released = false;
      return {
        port,
        setToken(next) {
          if (!released) port.setToken(next);
        },
        release() {
          if (released) return;
          released = true;
          port.setToken(undefined);
          mine.busy = false;
        },
      };
    },

    async close(): Promise<void> {
      await Promise.all(places.map(async ({ port }) => (await port).close()));
    },
  };
}
