import {
  ApiError,
  EngineName,
  type EngineState,
  type ExecutorOverview,
  type ExecutorSummary,
  type ManagerState,
  type ResourceObject,
  type TaskItem,
  type WaitingRun,
} from '@wegent/api';
import type { ManagerRow, Store } from '@wegent/store';
import { requireAdmin } from '../admin/require-admin.ts';
import type { Audit } from '../audit/audit.ts';
import type { Principal } from '../auth/principal.ts';
import { SANDBOX_SHELL_TYPES } from '../executions/sandbox-shells.ts';
import { toTime } from '../http/time.ts';
import type { ManagerRegistry } from './manager-registry.ts';
import { describeWaiting, slotsOf, whyHeld } from './waiting-runs.ts';

/** Runs that a list of what waits holds at most. */
const MAX_WAITING = 500;

/** What runs, what waits and why, see `createExecutorService`. */
export type ExecutorService = ReturnType<typeof createExecutorService>;

/** Where agents run, for people who start a task and for administrators. */
export function createExecutorService({
  store,
  managers,
  audit,
  localRepositories,
}: {
  store: Store;
  managers: ManagerRegistry;
  audit: Pick<Audit, 'record'>;
  localRepositories: boolean;
}) {
  async function waiting(): Promise<WaitingRun[]> {
    const pending = await store.executions.waiting(SANDBOX_SHELL_TYPES, MAX_WAITING);
    if (pending.length === 0) return [];
    return describeWaiting(pending, { managers: await managers.live(), teams: await holders(pending) });
  }

  async function holders(
    pending: readonly { heldBy: string | null }[],
  ): Promise<Map<string, ResourceObject>> {
    const uids = new Set(pending.flatMap(({ heldBy }) => heldBy ?? []));
    const teams = await Promise.all([...uids].map((uid) => store.resources.getByUid(uid)));
    return new Map(teams.flatMap((team) => (team?.metadata.uid ? [[team.metadata.uid, team] as const] : [])));
  }

  return {
    /** What somebody who starts a task has to know. It names nobody else's tasks. */
    async summary(): Promise<ExecutorSummary> {
      const live = await managers.live();
      const able = live.filter(({ report }) => report.problem === undefined);
      const [first] = able;
      const problem =
        live.length === 0
          ? 'No manager is there that could start a sandbox.'
          : live.map(({ report }) => report.problem).find((text) => text !== undefined);
      return {
        available: able.some(({ report }) => !report.draining),
        ...(able.length === 0 && problem !== undefined ? { problem } : {}),
        ...(first
          ? {
              driver: first.report.driver,
              isolation: first.report.isolation,
              defaults: first.report.defaults,
            }
          : {}),
        isolated: able.length > 0 && able.every(({ report }) => report.isolated),
        // Who is held by a Team stands in nobody's way.
        slots: { ...slotsOf(able), waiting: (await waiting()).filter(({ why }) => !isOfTeam(why)).length },
        engines: EngineName.options.map((name) => bestState(name, live)),
        localRepositories,
      };
    },

    /** Who runs what, what waits and why. */
    async overview(principal: Principal): Promise<ExecutorOverview> {
      requireAdmin(principal);
      const live = await managers.live();
      return { managers: live.map(toManagerState), waiting: await waiting() };
    },

    /** Lets all managers install an engine; how far they are stands in the overview. */
    async install(principal: Principal, engine: EngineName, address: string): Promise<void> {
      requireAdmin(principal);
      if ((await managers.live()).length === 0)
        throw new ApiError(
          'ServiceUnavailable',
          'No manager is there that could install it. Start one first.',
        );
      await managers.install(engine);
      audit.record({ principal, action: 'install-engine', detail: { engine }, address });
    },

    /** Why the runs of a task do not begin; `undefined` when none of them waits. */
    async waitingOf(taskId: string): Promise<TaskItem['waiting']> {
      const held = await store.turnLines.ofTask(taskId);
      if (held) {
        const place = (await store.turnLines.before(held)) + 1;
        return { ...whyHeld(await store.resources.getByUid(held.teamUid)), place };
      }
      return (await waiting()).find((run) => run.taskId === taskId);
    },
  };
}

function toManagerState({ id, report, seenAt }: ManagerRow): ManagerState {
  return { managerId: id, ...report, seenAt: toTime(seenAt) };
}

function isOfTeam(why: WaitingRun['why']): boolean {
  return why === 'team-limit' || why === 'team-held';
}

/** The state of an engine where it is best: a run goes to whoever can do it. */
function bestState(name: EngineName, managers: readonly ManagerRow[]): EngineState {
  const order: readonly EngineState['state'][] = ['installed', 'installing', 'failed', 'missing'];
  const states = managers.flatMap(({ report }) => report.engines.filter((engine) => engine.name === name));
  return (
    order
      .map((state) => states.find((engine) => engine.state === state))
      .find((engine) => engine !== undefined) ?? { name, state: 'missing' }
  );
}
