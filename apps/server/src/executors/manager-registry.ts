import { type EngineName, type ManagerOrders, type ManagerReport, REPORT_TOPIC } from '@wegent/api';
import type { Bus } from '@wegent/bus';
import type { InstallOrder, ManagerRow, Store } from '@wegent/store';
import type { Logger } from 'pino';

/** A manager that was silent for longer counts as gone. */
const MANAGER_SILENCE_MS = 30_000;
/** Milliseconds that a read of the managers is good for: every enqueue asks. */
const CACHE_MS = 1_000;

/** Who the managers are, see `createManagerRegistry`. */
export type ManagerRegistry = ReturnType<typeof createManagerRegistry>;

/** Keeps what managers tell of themselves, and what they are to do. */
export function createManagerRegistry({
  store,
  bus,
  logger,
  now = Date.now,
}: {
  store: Store;
  bus: Bus;
  logger: Logger;
  now?: () => number;
}) {
  let known: { at: number; managers: Promise<ManagerRow[]> } | undefined;

  function live(): Promise<ManagerRow[]> {
    if (known && now() - known.at < CACHE_MS) return known.managers;
    const managers = store.managers.seenSince(now() - MANAGER_SILENCE_MS);
    known = { at: now(), managers };
    // A failure is not remembered.
    managers.catch(() => {
      known = undefined;
    });
    return managers;
  }

  return {
    /** The managers that told of themselves lately, by id. */
    live,

    /** Takes a manager's report and answers what it shall do. */
    async report(managerId: string, report: ManagerReport): Promise<ManagerOrders> {
      const orders = await store.managers.report(managerId, report, now());
      known = undefined;
      const { give, keep } = ordersFor(report, orders);
      if (JSON.stringify(keep) !== JSON.stringify(orders)) await store.managers.setOrders(managerId, keep);
      const taskIds = [
        ...new Set([
          ...report.taskIds,
          ...report.sandboxes.flatMap(({ taskId }) => (taskId === undefined ? [] : [taskId])),
        ]),
      ];
      const alive = await store.tasks.alive(taskIds);
      return { goneTaskIds: taskIds.filter((id) => !alive.has(id)), installEngines: give };
    },

    /** Orders all managers that do not have an engine to install it; answers how many were told. */
    async install(engine: EngineName): Promise<number> {
      known = undefined;
      const lacking = (await live()).filter(({ report }) => stateOf(report, engine) !== 'installed');
      for (const { id, orders } of lacking) {
        const others = orders.filter((order) => order.engine !== engine);
        await store.managers.setOrders(id, [...others, { engine, given: false }]);
      }
      known = undefined;
      await this.askForReports();
      return lacking.length;
    },

    /** Lets managers hear of their orders now; without the bus they hear with their next report. */
    async askForReports(): Promise<void> {
      await bus.publish(REPORT_TOPIC, {}).catch((error: unknown) => {
        logger.warn({ err: error }, 'managers could not be told to report');
      });
    },
  };
}

/** What a manager is told now, and what is remembered: an order is given until it is seen to be carried out. Pure. */
export function ordersFor(
  report: Pick<ManagerReport, 'engines'>,
  orders: readonly InstallOrder[],
): { give: EngineName[]; keep: InstallOrder[] } {
  const open = orders.filter(({ engine, given }) => {
    const state = stateOf(report, engine);
    if (state === 'installed' || state === 'installing') return false;
    // It has tried, and says why it could not.
    return !(given && state === 'failed');
  });
  return {
    give: open.map(({ engine }) => engine),
    keep: open.map(({ engine }) => ({ engine, given: true })),
  };
}

function stateOf(report: Pick<ManagerReport, 'engines'>, engine: EngineName): string {
  return report.engines.find(({ name }) => name === engine)?.state ?? 'missing';
}
