import { randomBytes } from 'node:crypto';
import { rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ExecutionSpec, SandboxContext, Usage } from '@wegent/api';
import { createOutbound, type Delegate, type Outbound } from '@wegent/engine';
import type { Logger } from 'pino';
import { DEFAULT_TIMINGS, type GatewayTimings } from './gateway-timings.ts';
import { createPass, type Pass } from './pass.ts';
import { createRouter } from './router.ts';
import { openSandboxSocket } from './sandbox-socket.ts';

/** The only way out of a sandbox: model, git, MCP servers, blobs and the egress proxy, on a unix socket of its own. */
export interface Gateway {
  /**
   * Opens the socket of one sandbox, in place of a stale one. Everybody who reaches the folder may connect. In a sandbox
   * that was `adopted` runs may be under way whose passes come later: they are told to try again, and not that they
   * are over.
   */
  open(options: { socketPath: string; adopted?: boolean }): Promise<GatewaySocket>;
  /**
   * Lets somebody through: a run with its spec, secrets and all, or with a `SandboxContext` only git and the proxy.
   * The socket has to be open. Only on this socket the token is worth something, and only until it is revoked.
   */
  admit(options: AdmitOptions): GatewayPass;
  /** Revokes everything and closes all sockets. */
  close(): Promise<void>;
}

/** The open socket of a sandbox. Closing revokes what was admitted on it. */
export interface GatewaySocket {
  close(): Promise<void>;
}

export interface AdmitOptions {
  socketPath: string;
  spec: ExecutionSpec | SandboxContext;
  /** A line for the task's log: what the proxy let through and what it refused. */
  onEgress: (line: string) => void;
  /** What one request to the model used, when it is over; also of an answer that was cut. */
  onUsage: (usage: Usage, member?: string) => void;
  readBlob: (key: string) => Promise<Uint8Array | undefined>;
  /** Gives work to members of the Team that the run leads. */
  delegate?: Delegate | undefined;
}

/** The way out of one run. */
export interface GatewayPass {
  readonly token: string;
  /** Ends it, with every request that is under way. */
  revoke(): void;
  /** What it used of the model so far. */
  usage(): Usage;
}

export interface GatewayOptions {
  logger: Logger;
  outbound?: Outbound;
  /** host:port or host of the platform itself, which the proxy never reaches, beside all addresses of this machine. */
  platformHosts?: readonly string[];
  /** Keeps host keys of git hosts that are seen first; until the gateway closes when absent. */
  knownHostsFile?: string;
  /** Repositories may be folders of this machine (file:// addresses). */
  localRepositories?: boolean;
  timings?: Partial<GatewayTimings>;
}

/** Makes the gateway of a manager. */
export function createGateway(options: GatewayOptions): Gateway {
  const { logger } = options;
  const ownKnownHosts = path.join(tmpdir(), `wegent-known-hosts-${randomBytes(8).toString('hex')}`);
  const route = createRouter({
    logger,
    outbound: options.outbound ?? createOutbound(),
    platformHosts: options.platformHosts ?? [],
    knownHostsFile: options.knownHostsFile ?? ownKnownHosts,
    localRepositories: options.localRepositories ?? false,
    timings: { ...DEFAULT_TIMINGS, ...options.timings },
  });
  /** By path of the socket: its passes by token. */
  const sockets = new Map<string, { passes: Map<string, Pass>; socket: GatewaySocket }>();

  return {
    async open({ socketPath, adopted = false }) {
      await sockets.get(socketPath)?.socket.close();
      const passes = new Map<string, Pass>();
      const server = await openSandboxSocket({ socketPath, adopted, passes, route, logger });
      const socket: GatewaySocket = {
        async close() {
          if (sockets.get(socketPath)?.socket === socket) sockets.delete(socketPath);
          for (const pass of passes.values()) pass.revoke();
          await server.close();
        },
      };
      sockets.set(socketPath, { passes, socket });
      return socket;
    },

    admit({ socketPath, ...given }) {
      const known = sockets.get(socketPath);
      if (!known) throw new Error(`no gateway is open at ${socketPath}`);
      const token = randomBytes(32).toString('base64url');
      const pass = createPass({ ...given, onRevoked: () => known.passes.delete(token) });
      known.passes.set(token, pass);
      return { token, revoke: pass.revoke, usage: pass.usage };
    },

    async close() {
      await Promise.all([...sockets.values()].map(({ socket }) => socket.close()));
      await rm(ownKnownHosts, { force: true });
    },
  };
}
