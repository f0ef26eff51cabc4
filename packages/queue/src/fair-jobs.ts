import type { QueueJob } from './queue.ts';

/**
 * Waiting jobs: first in first out within a group, and the groups take turns, so that one with a thousand jobs does
 * not make the others wait for all of them.
 */
export function createFairJobs() {
  /** The group whose turn it is comes first; an empty group is not in it. */
  const groups = new Map<string, QueueJob[]>();
  const groupOf = new Map<string, string>();

  function drop(group: string, jobs: QueueJob[], index: number): QueueJob | undefined {
    const [job] = jobs.splice(index, 1);
    if (jobs.length === 0) groups.delete(group);
    if (job) groupOf.delete(job.id);
    return job;
  }

  function jobsOf(job: QueueJob): QueueJob[] {
    groupOf.set(job.id, job.group);
    const existing = groups.get(job.group);
    if (existing) return existing;
    const created: QueueJob[] = [];
    groups.set(job.group, created);
    return created;
  }

  return {
    /** Puts it at the end of its group. */
    add(job: QueueJob): void {
      jobsOf(job).push(job);
    },

    /** Puts it at the head of its group. */
    putBack(job: QueueJob): void {
      jobsOf(job).unshift(job);
    },

    /** Takes the next job; its group goes to the end of the line. */
    take(): QueueJob | undefined {
      for (const [group, jobs] of groups) {
        groups.delete(group);
        groups.set(group, jobs);
        return drop(group, jobs, 0);
      }
      return undefined;
    },

    remove(id: string): boolean {
      const group = groupOf.get(id);
      const jobs = group === undefined ? undefined : groups.get(group);
      if (group === undefined || jobs === undefined) return false;
      const index = jobs.findIndex((job) => job.id === id);
      return drop(group, jobs, index) !== undefined;
    },

    has: (id: string) => groupOf.has(id),

    get size() {
      return groupOf.size;
    },
  };
}
