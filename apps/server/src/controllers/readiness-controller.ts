import { ApiError, type Condition, type ResourceObject } from '@wegent/api';
import type { Store } from '@wegent/store';
import { withReadiness } from '../resources/readiness.ts';
import type { Controller } from './controller-loop.ts';

/**
 * Notes in objects when they become ready or stop to be so, because what they refer to came or went: only what is
 * written is seen by watchers.
 */
export function createReadinessController({
  store,
  onChange,
}: {
  store: Store;
  onChange: () => void;
}): Controller {
  async function note(object: ResourceObject): Promise<void> {
    const [computed] = await withReadiness(store, [object]);
    const before = readyOf(object);
    const now = computed && readyOf(computed);
    if (!computed || !now || before?.status === now.status) return;
    // The first time that it is written it says what has been so since the object was made.
    const lastTransitionTime = new Date().toISOString();
    const conditions = conditionsOf(computed).map((condition) =>
      condition.type === 'Ready' ? { ...condition, lastTransitionTime } : condition,
    );
    try {
      await store.resources.update(
        { ...object, status: { ...object.status, conditions } },
        object.metadata.resourceVersion ?? '',
      );
      onChange();
    } catch (error) {
      if (!(error instanceof ApiError) || !['Conflict', 'NotFound'].includes(error.reason)) throw error;
    }
  }

  return {
    async changed(changes) {
      for (const { type, kind, namespace, name } of changes) {
        if (type === 'MODIFIED') continue;
        for (const referrer of await store.resources.referrers(kind, namespace, name)) {
          // Tasks keep their own status, which is not about what they refer to.
          if (referrer.kind === 'Task') continue;
          const object = await store.resources.get(referrer.kind, referrer.namespace, referrer.name);
          if (object) await note(object);
        }
      }
    },

    resync: async () => {},
  };
}

function conditionsOf({ status }: ResourceObject): Condition[] {
  return Array.isArray(status?.conditions) ? (status.conditions as Condition[]) : [];
}

function readyOf(object: ResourceObject): Condition | undefined {
  return conditionsOf(object).find(({ type }) => type === 'Ready');
}
