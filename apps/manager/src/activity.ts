import type { ExecutionEvent, RunInput } from '@wegent/api';
import type { Place } from './place.ts';
import { createWaits } from './waits.ts';
import type { TreeUser, WorkTrees } from './work-trees.ts';

/**
 * Gives the place of a run back while all of it waits, for people or for members of its Team, and takes it again before
 * the run hears what it waited for. A run in a sandbox has the work tree of its task to itself in the same way, but
 * keeps it while it waits for people: its turn is not over. Whoever waits for a tree holds no place.
 */
export function createActivity({
  place,
  trees,
  user,
  signal,
  emit,
  waiting,
}: {
  place: Place;
  trees: WorkTrees;
  /** Absent for runs that work in no tree. */
  user: TreeUser | undefined;
  signal: AbortSignal;
  /** Tells people what it waits for. */
  emit: (event: ExecutionEvent) => void;
  /** The attempt before waited for a person. */
  waiting: boolean;
}) {
  const waits = createWaits({ waiting });
  const ended = new AbortController();
  const until = AbortSignal.any([signal, ended.signal]);
  let leaveTree: (() => void) | undefined;
  /** It has all that it needs to work. */
  let ready = false;
  let going: Promise<void> | undefined;

  async function enterTree(options: { back: boolean; force: boolean }): Promise<void> {
    if (!user || leaveTree) return;
    const onWait = (names: readonly string[]) => {
      place.leave();
      const who = names.length === 0 ? 'another member' : names.join(' and ');
      emit({ type: 'phase', text: `Waiting for ${who} to finish with the files` });
    };
    leaveTree = await trees.enter(user, { signal: until, onWait, ...options });
  }

  async function getReady(options: { back: boolean; force: boolean }): Promise<void> {
    try {
      await enterTree(options);
      const onWait = () => emit({ type: 'phase', text: 'Waiting for a free place' });
      await place.take({ signal: until, onWait });
      ready = true;
    } finally {
      // It was over while it waited.
      if (ended.signal.aborted) rest('waits-for-members');
    }
  }

  function goOn(): Promise<void> {
    if (ready) return Promise.resolve();
    going ??= getReady({ back: true, force: false }).finally(() => {
      going = undefined;
      if (waits.state() !== 'works') void settle();
    });
    return going;
  }

  function rest(state: 'waits' | 'waits-for-members'): void {
    ready = false;
    place.leave();
    if (state === 'waits') return;
    leaveTree?.();
    leaveTree = undefined;
  }

  /** Follows what the run does now. */
  function settle(): Promise<void> {
    const state = waits.state();
    if (state === 'works') return goOn();
    if (!going) rest(state);
    return Promise.resolve();
  }

  async function over(id: string): Promise<void> {
    waits.over(id);
    await settle();
  }

  return {
    /** Waits until the run may work. `force`: its turn is at work already. */
    async start({ force }: { force: boolean }): Promise<void> {
      await getReady({ back: false, force });
      await settle();
    },

    /** An event of the run. What goes on by itself takes its place as soon as there is one. */
    note(event: ExecutionEvent): void {
      waits.note(event);
      settle().catch(() => undefined);
    },

    /** Hands inputs over in their order, those that make the run go on as soon as it may. */
    gate(listener: (input: RunInput) => void): (input: RunInput) => void {
      let before = Promise.resolve();
      return (input) => {
        const id =
          input.type === 'approval'
            ? input.approvalId
            : input.type === 'answer'
              ? input.questionId
              : undefined;
        before = before
          .then(() => (id === undefined ? undefined : over(id)))
          .then(
            () => listener(input),
            // It is over: nobody listens any more.
            () => undefined,
          );
      };
    },

    /** Asks for the end of a member's work, and goes on when it has come. */
    async member<Result extends { outcome?: unknown }>(
      executionId: string,
      ask: () => Promise<Result>,
    ): Promise<Result> {
      waits.awaits(executionId);
      settle().catch(() => undefined);
      const result = await ask();
      if (result.outcome !== undefined) await over(executionId);
      return result;
    },

    /** The run is over: its place and its tree are free. */
    end(): void {
      ended.abort();
      rest('waits-for-members');
    },
  };
}
