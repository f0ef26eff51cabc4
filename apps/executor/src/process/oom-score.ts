import { readFileSync, writeFileSync } from 'node:fs';

/** When memory is short the kernel takes what has this score before the executor, whose score is 0. */
export const OOM_SCORE = 500;

/** Start of a shell's command line that gives it this score before it starts anything. */
export const RAISE_OOM_SCORE = `{ echo ${OOM_SCORE} > /proc/self/oom_score_adj; } 2>/dev/null;`;

/**
 * Engines start their agents themselves, so everything below this process is looked at now and then. What a process with
 * the score starts inherits it.
 */
export function watchOomScores({ everyMs = 1000 } = {}): () => void {
  const clock = setInterval(() => raiseBelow(process.pid), everyMs);
  clock.unref();
  return () => clearInterval(clock);
}

/** Gives a process the score; nothing happens when it is gone. */
export function raiseOomScore(pid: number): void {
  try {
    const file = `/proc/${pid}/oom_score_adj`;
    if (Number(readFileSync(file, 'utf8')) < OOM_SCORE) writeFileSync(file, String(OOM_SCORE));
  } catch {
    // It is gone already, or this system has no such file.
  }
}

function raiseBelow(parent: number): void {
  for (const pid of childrenOf(parent)) {
    raiseOomScore(pid);
    raiseBelow(pid);
  }
}

/** Process ids of the direct children; none where the kernel does not tell. */
export function childrenOf(pid: number): number[] {
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch {
    return [];
  }
}
