import {
  type EngineName,
  type EngineState,
  type ManagerLink,
  type ManagerReport,
  REPORT_TOPIC,
} from '@wegent/api';
import type { Bus } from '@wegent/bus';
import type { Logger } from 'pino';

/** Tells the server what this manager is and does, and carries out what it answers. */
export interface Reporter {
  start(): Promise<void>;
  /** Something changed that people look at: report soon. */
  changed(): void;
  /** Tells once more, as draining, and stops. */
  close(): Promise<void>;
}

const REPORT_MS = 5_000;
/** Changes of one moment go into one report. */
const SOON_MS = 200;

/** Reports every few seconds, soon after something changed, and when the server asks. */
export function createReporter({
  link,
  bus,
  managerId,
  build,
  removeTask,
  install,
  logger,
  reportMs = REPORT_MS,
}: {
  link: Pick<ManagerLink, 'report'>;
  bus: Pick<Bus, 'subscribe'>;
  managerId: string;
  build: (given: { draining: boolean; engines: EngineState[] }) => Promise<ManagerReport>;
  removeTask: (taskId: string) => Promise<void>;
  install: { states(): Promise<EngineState[]>; start(name: EngineName): void };
  logger: Logger;
  reportMs?: number;
}): Reporter {
  let draining = false;
  let timer: NodeJS.Timeout | undefined;
  let soon: NodeJS.Timeout | undefined;
  let unsubscribe: (() => Promise<void>) | undefined;
  let reporting: Promise<void> | undefined;
  let again = false;

  async function reportOnce(): Promise<void> {
    try {
      const report = await build({ draining, engines: await install.states() });
      const orders = await link.report(managerId, report);
      for (const name of orders.installEngines) install.start(name);
      await Promise.all(
        orders.goneTaskIds.map((taskId) =>
          removeTask(taskId).catch((err: unknown) =>
            logger.warn({ err, taskId }, 'the sandbox of a deleted task could not be removed'),
          ),
        ),
      );
    } catch (err) {
      logger.debug({ err }, 'the server did not take the report');
    }
  }

  function report(): Promise<void> {
    if (reporting) {
      again = true;
      return reporting;
    }
    reporting = reportOnce().finally(() => {
      reporting = undefined;
      if (!again) return;
      again = false;
      void report();
    });
    return reporting;
  }

  return {
    async start() {
      unsubscribe = await bus.subscribe(REPORT_TOPIC, () => void report());
      timer = setInterval(() => void report(), reportMs);
      await report();
    },
    changed() {
      soon ??= setTimeout(() => {
        soon = undefined;
        if (timer) void report();
      }, SOON_MS);
    },
    async close() {
      clearInterval(timer);
      clearTimeout(soon);
      timer = undefined;
      await unsubscribe?.();
      await reporting;
      draining = true;
      await reportOnce();
    },
  };
}
