import { createSlots } from './slots.ts';

/** The work trees of tasks: the members of a Team that work in the sandbox share one. */
export type WorkTrees = ReturnType<typeof createWorkTrees>;

/** One who works in a tree. */
export interface TreeUser {
  taskId: string;
  /** What others read that wait for it. */
  name: string;
}

/** Keeps trees so that one run works in each at a time, in the order they came, and those that come back first. */
export function createWorkTrees() {
  const trees = new Map<string, { slots: ReturnType<typeof createSlots>; users: string[]; wanted: number }>();

  function leaver({ taskId, name }: TreeUser): () => void {
    let left = false;
    return () => {
      const tree = trees.get(taskId);
      if (left || !tree) return;
      left = true;
      tree.users.splice(tree.users.indexOf(name), 1);
      tree.slots.leave();
      tree.wanted--;
      if (tree.wanted === 0) trees.delete(taskId);
    };
  }

  return {
    /**
     * Waits until nobody else works in the tree; the answer leaves it. `onWait` hears who works there now. `force`
     * enters at once, for a run whose turn is at work already.
     */
    async enter(
      user: TreeUser,
      {
        signal,
        onWait,
        back = false,
        force = false,
      }: { signal: AbortSignal; onWait: (names: readonly string[]) => void; back?: boolean; force?: boolean },
    ): Promise<() => void> {
      const { taskId, name } = user;
      const tree = trees.get(taskId) ?? { slots: createSlots({ total: 1 }), users: [], wanted: 0 };
      trees.set(taskId, tree);
      tree.wanted++;
      try {
        if (force) tree.slots.force();
        else {
          if (tree.slots.isFull()) onWait([...tree.users]);
          await tree.slots.take({ signal, back });
        }
      } catch (cause) {
        tree.wanted--;
        if (tree.wanted === 0) trees.delete(taskId);
        throw cause;
      }
      tree.users.push(name);
      return leaver(user);
    },
  };
}
