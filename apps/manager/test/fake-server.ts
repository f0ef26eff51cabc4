import {
  ApiError,
  type Claim,
  type Command,
  EMPTY_FOLD,
  type EventBatch,
  type ExecutionEvent,
  type ExecutionSpec,
  type ManagerLink,
  type MessageFold,
  reduceEvents,
  textOf,
} from '@wegent/api';

interface Row {
  spec: ExecutionSpec;
  attempt: number;
  holder: string | undefined;
  events: ExecutionEvent[];
  commands: Command[];
  finished: PromiseWithResolvers<void>;
}

/** The server's side of ManagerLink in memory, with its fencing: what is stored is what a real server would have. */
export interface FakeServer extends ManagerLink {
  add(spec: ExecutionSpec): void;
  /** Takes the lease away, as the watchdog does when its time is over. */
  expire(executionId: string): void;
  command(executionId: string, command: Command): void;
  /** What the network does to calls: throw before they arrive, or after they were carried out. */
  network: { before?: (() => void) | undefined; after?: (() => void) | undefined };
  storedEvents(executionId: string): ExecutionEvent[];
  fold(executionId: string): MessageFold;
  text(executionId: string): string;
  /** Resolves when the run has a finish. */
  finished(executionId: string): Promise<void>;
  /** Resolves as soon as the stored events satisfy the condition. */
  until(executionId: string, condition: (events: ExecutionEvent[]) => boolean): Promise<void>;
  batches: EventBatch[];
  heartbeats: number;
}

/** A network failure as the HTTP link reports it. */
export function unavailable(): never {
  throw new ApiError('ServiceUnavailable', 'the server cannot be reached');
}

export function createFakeServer(): FakeServer {
  const rows = new Map<string, Row>();
  const waiting = new Set<() => void>();
  const rowOf = (executionId: string): Row => {
    const row = rows.get(executionId);
    if (!row) throw new ApiError('NotFound', `execution ${executionId} not found`);
    return row;
  };
  const held = (executionId: string, attempt: number): Row => {
    const row = rowOf(executionId);
    if (row.attempt !== attempt || row.holder === undefined)
      throw new ApiError('Conflict', 'the lease is lost');
    return row;
  };
  // A real server answers on a later turn of the event loop.
  const call = async <Result>(work: () => Result): Promise<Result> => {
    await new Promise((resolve) => setImmediate(resolve));
    server.network.before?.();
    const result = work();
    server.network.after?.();
    return result;
  };
  const openBlocks = (executionId: string, events: ExecutionEvent[]) => {
    const fold = events.reduce((folded, event) => reduceEvents(folded, executionId, event), EMPTY_FOLD);
    return fold.blocks
      .filter(({ type }) => type === 'text' || type === 'reasoning' || type === 'tool')
      .map(({ blockId }) => blockId);
  };
  const server: FakeServer = {
    network: {},
    batches: [],
    heartbeats: 0,
    add(spec) {
      const finished = Promise.withResolvers<void>();
      rows.set(spec.executionId, { spec, attempt: 0, holder: undefined, events: [], commands: [], finished });
    },
    expire(executionId) {
      rowOf(executionId).holder = undefined;
    },
    command(executionId, command) {
      rowOf(executionId).commands.push(command);
    },
    storedEvents: (executionId) => rowOf(executionId).events,
    fold: (executionId) =>
      rowOf(executionId).events.reduce((fold, event) => reduceEvents(fold, executionId, event), EMPTY_FOLD),
    text: (executionId) => textOf(server.fold(executionId)),
    finished: (executionId) => rowOf(executionId).finished.promise,
    until: (executionId, condition) =>
      new Promise((resolve) => {
        const check = () => {
          if (!condition(rowOf(executionId).events)) return;
          waiting.delete(check);
          resolve();
        };
        waiting.add(check);
        check();
      }),
    claim: (executionId, { managerId }) =>
      call((): Claim => {
        const row = rowOf(executionId);
        if (row.holder !== undefined || row.events.at(-1)?.type === 'finish')
          throw new ApiError('Conflict', 'not to be had');
        row.holder = managerId;
        row.attempt++;
        return {
          attempt: row.attempt,
          leaseUntil: Date.now() + 60_000,
          nextSeq: row.events.length + 1,
          openBlocks: openBlocks(executionId, row.events),
          irreversible: false,
          spec: { ...row.spec, attempt: row.attempt },
        };
      }),
    delegate: async () => ({ refused: 'this server has no Teams' }),
    delegated: async () => ({ outcome: 'failed', text: '' }),
    report: async () => ({ goneTaskIds: [], installEngines: [] }),
    heartbeat: (executionId, { attempt }) =>
      call(() => {
        server.heartbeats++;
        const { commands } = held(executionId, attempt);
        return { leaseUntil: Date.now() + 60_000, commands: [...commands] };
      }),
    events: (executionId, batch) =>
      call(() => {
        const row = rowOf(executionId);
        const stored = row.events.length;
        if (batch.attempt === row.attempt && batch.firstSeq + batch.events.length - 1 <= stored)
          return { ackedSeq: stored };
        held(executionId, batch.attempt);
        if (batch.firstSeq !== stored + 1)
          throw new ApiError('Invalid', `expected event ${stored + 1}, got ${batch.firstSeq}`);
        server.batches.push(batch);
        row.events.push(...batch.events);
        if (batch.events.at(-1)?.type === 'finish') {
          row.holder = undefined;
          row.finished.resolve();
        }
        for (const check of waiting) check();
        return { ackedSeq: row.events.length };
      }),
  };
  return server;
}
