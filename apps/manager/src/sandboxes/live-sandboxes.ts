import { ApiError, type ExecutorHealth } from '@wegent/api';
import type { Sandbox, SandboxDriver } from '@wegent/sandbox';
import type { Logger } from 'pino';
import type { Gateway, GatewaySocket } from '../gateway/gateway.ts';
import { endTurn } from './end-turn.ts';
import { createExecutorClient, type ExecutorClient } from './executor-client.ts';
import type { SandboxFolders, SandboxRecord } from './sandbox-folders.ts';
import { parseMade } from './sandbox-make.ts';

/** A sandbox that lives, with what this manager holds of it. */
export interface LiveSandbox {
  readonly sandboxId: string;
  readonly sandbox: Sandbox;
  readonly client: ExecutorClient;
  /** Its own way out. */
  readonly gatewaySocket: string;
  readonly startedAt: number;
  /** How many work with it now. */
  users: number;
  readonly executionIds: Set<string>;
  memoryBytes: number | undefined;
}

/** The lease of a run whose manager was lost ends, and its next attempt begins, within less. */
const CLAIM_MS = 120_000;

/** Sandboxes that live, each with its gateway socket and its client; what ends by itself goes from here by itself. */
export function createLiveSandboxes({
  driver,
  gateway,
  folders,
  onChange,
  logger,
  claimMs = CLAIM_MS,
}: {
  driver: SandboxDriver;
  gateway: Gateway;
  folders: SandboxFolders;
  onChange: () => void;
  logger: Logger;
  /** Turns of sandboxes that were taken over end after so many milliseconds unless their runs come here. */
  claimMs?: number | undefined;
}) {
  const living = new Map<string, LiveSandbox & { socket: GatewaySocket }>();

  function register(record: SandboxRecord, sandbox: Sandbox, socket: GatewaySocket): LiveSandbox {
    const live = {
      sandboxId: record.sandboxId,
      sandbox,
      client: createExecutorClient({ address: sandbox.address, token: record.token }),
      gatewaySocket: folders.gatewaySocket(record.sandboxId),
      startedAt: Date.now(),
      users: 0,
      executionIds: new Set<string>(),
      memoryBytes: undefined,
      socket,
    };
    living.set(record.sandboxId, live);
    void sandbox.ended.then(async (end) => {
      if (living.get(record.sandboxId) !== live) return;
      if (end.error) logger.warn({ sandboxId: record.sandboxId, ...end.error }, 'a sandbox failed');
      await forget(record.sandboxId);
    });
    onChange();
    return live;
  }

  async function forget(sandboxId: string): Promise<void> {
    const live = living.get(sandboxId);
    if (!live) return;
    living.delete(sandboxId);
    live.client.close();
    await live.socket.close();
    onChange();
  }

  /** Nobody may come for what is under way: the run was ended meanwhile, or its task deleted. */
  function endUnclaimed(live: LiveSandbox, turns: ExecutorHealth['turns']): void {
    const open = turns.filter(({ finished }) => !finished);
    if (open.length === 0) return;
    const end = async () => {
      if (living.get(live.sandboxId) !== live) return;
      for (const { turnId, attempt } of open) {
        if (live.executionIds.has(turnId)) continue;
        await endTurn(live, { executionId: turnId, attempt });
      }
    };
    const timer = setTimeout(() => {
      end().catch((err: unknown) =>
        logger.warn({ err, sandboxId: live.sandboxId }, 'a turn that nobody wants could not be ended'),
      );
    }, claimMs);
    timer.unref();
  }

  return {
    get: (sandboxId: string): LiveSandbox | undefined => living.get(sandboxId),
    all: (): LiveSandbox[] => [...living.values()],

    require(sandboxId: string): LiveSandbox {
      const live = living.get(sandboxId);
      if (!live) throw new ApiError('ServiceUnavailable', `sandbox ${sandboxId} is gone`);
      return live;
    },

    /** Starts a sandbox on the folder of its record; its gateway is there before it is. */
    async start(
      record: SandboxRecord,
      { startMs, signal }: { startMs: number; signal?: AbortSignal | undefined },
    ): Promise<LiveSandbox> {
      const { sandboxId, token, task } = record;
      const socket = await gateway.open({ socketPath: folders.gatewaySocket(sandboxId) });
      try {
        const sandbox = await driver.create(
          {
            id: sandboxId,
            labels: { taskId: task?.taskId ?? '', namespace: task?.namespace ?? '' },
            ...parseMade(record.made),
            folder: folders.folderOf(sandboxId),
            token,
            env: {},
            startMs,
          },
          signal,
        );
        return register(record, sandbox, socket);
      } catch (cause) {
        await socket.close();
        throw cause;
      }
    },

    /** Takes over sandboxes that live and have a record; one whose executor does not answer ends. */
    async adopt(records: ReadonlyMap<string, SandboxRecord>): Promise<void> {
      for (const sandbox of await driver.list()) {
        const record = records.get(sandbox.id);
        if (!record || living.has(sandbox.id)) continue;
        const socket = await gateway.open({ socketPath: folders.gatewaySocket(sandbox.id), adopted: true });
        const live = register(record, sandbox, socket);
        try {
          endUnclaimed(live, (await live.client.health()).turns);
        } catch (err) {
          logger.warn(
            { err, sandboxId: sandbox.id },
            'a sandbox that was left alive does not answer and ends',
          );
          await sandbox.kill();
        }
      }
    },

    /** Leaves a sandbox to the next manager. */
    leave: (sandboxId: string) => void forget(sandboxId),

    /** Asks each how much memory it uses. */
    async measure(): Promise<void> {
      for (const live of living.values()) {
        live.memoryBytes = await live.sandbox.memoryBytes().catch(() => undefined);
      }
    },
  };
}
