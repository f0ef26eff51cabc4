import { z } from 'zod';
import { type FilePatch, type Hunk, numberLines } from './parse-patch.ts';

const Hunks = z.array(z.object({ oldStart: z.number(), newStart: z.number(), lines: z.array(z.string()) }));

/** Reads the hunks that editing tools answer with; undefined for anything else. */
export function readStructuredPatch(value: unknown): FilePatch | undefined {
  const hunks = Hunks.safeParse(value);
  if (!hunks.success || hunks.data.length === 0) return undefined;
  return {
    binary: false,
    hunks: hunks.data.map(({ oldStart, newStart, lines }) => ({
      section: '',
      lines: numberLines(lines, oldStart, newStart),
    })),
  };
}

/** The change from one text to another, line by line: what both begin and end with is left out but for some lines. */
export function patchOfTexts(before: string, after: string): FilePatch {
  if (before === after) return { binary: false, hunks: [] };
  const old = before === '' ? [] : before.split('\n');
  const next = after === '' ? [] : after.split('\n');
  const shorter = Math.min(old.length, next.length);
  let head = 0;
  while (head < shorter && old[head] === next[head]) head += 1;
  let tail = 0;
  while (tail < shorter - head && old.at(-1 - tail) === next.at(-1 - tail)) tail += 1;
  const start = Math.max(0, head - AROUND);
  const end = Math.max(old.length - tail, Math.min(old.length, old.length - tail + AROUND));
  const lines = [
    ...old.slice(start, head).map((line) => ` ${line}`),
    ...old.slice(head, old.length - tail).map((line) => `-${line}`),
    ...next.slice(head, next.length - tail).map((line) => `+${line}`),
    ...old.slice(old.length - tail, end).map((line) => ` ${line}`),
  ];
  const hunk: Hunk = { section: '', lines: numberLines(lines, start + 1, start + 1) };
  return { binary: false, hunks: [hunk] };
}

const AROUND = 3;
