import { describe, expect, test } from 'vitest';
import { createFairJobs } from './fair-jobs.ts';

/** `a1` is job 1 of group a. */
const job = (id: string) => ({ id, group: id.slice(0, 1) });

function jobsOf(...ids: string[]) {
  const jobs = createFairJobs();
  for (const id of ids) jobs.add(job(id));
  return jobs;
}

function takeAll(jobs: ReturnType<typeof createFairJobs>): string[] {
  const ids: string[] = [];
  for (let next = jobs.take(); next; next = jobs.take()) ids.push(next.id);
  return ids;
}

describe('fair jobs', () => {
  test.each([
    ['one group: first in, first out', ['a1', 'a2', 'a3'], ['a1', 'a2', 'a3']],
    ['groups take turns', ['a1', 'a2', 'a3', 'b1', 'c1', 'b2'], ['a1', 'b1', 'c1', 'a2', 'b2', 'a3']],
    ['nothing', [], []],
  ])('%s', (_, added, taken) => {
    expect(takeAll(jobsOf(...added))).toEqual(taken);
  });

  test('a group that comes back does not jump the line', () => {
    const jobs = jobsOf('a1', 'b1', 'b2');
    expect(jobs.take()?.id).toBe('a1');
    jobs.add(job('a2'));
    expect(takeAll(jobs)).toEqual(['b1', 'a2', 'b2']);
  });

  test('what is put back is first of its group', () => {
    const jobs = jobsOf('a1', 'a2');
    const taken = jobs.take();
    if (taken) jobs.putBack(taken);
    expect(takeAll(jobs)).toEqual(['a1', 'a2']);
  });

  test('what is removed is gone', () => {
    const jobs = jobsOf('a1', 'a2', 'b1');
    expect(jobs.remove('a1')).toBe(true);
    expect(jobs.remove('a1')).toBe(false);
    expect(jobs.remove('b1')).toBe(true);
    expect([jobs.has('a1'), jobs.has('a2'), jobs.size]).toEqual([false, true, 1]);
    expect(takeAll(jobs)).toEqual(['a2']);
  });
});
