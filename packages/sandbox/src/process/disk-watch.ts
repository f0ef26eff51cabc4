import { spawn } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';

/** Times of a watch; tests are quicker. */
export interface DiskWatchTimes {
  /** Pause between two looks, at least; a look that takes long makes it longer. */
  pauseMs: number;
  /** A look that takes longer counts as one that found too much. */
  lookMs: number;
}

const TIMES: DiskWatchTimes = { pauseMs: 3000, lookMs: 300_000 };
/** Of the time, a look takes no more than this part. */
const SHARE = 10;

/**
 * Measures folders again and again, and says once when they hold more than they may. `du` does it, at low priority and
 * in a process of its own: it follows no links, stays on the file system, and counts what has several names once.
 */
export function watchDisk({
  folders,
  limitBytes,
  onFull,
  times = TIMES,
}: {
  folders: readonly string[];
  limitBytes: number;
  onFull: (message: string) => void;
  times?: DiskWatchTimes;
}): Disposable {
  const stop = new AbortController();
  void watch().catch(() => {});
  return { [Symbol.dispose]: () => stop.abort() };

  async function watch(): Promise<void> {
    let pause = times.pauseMs;
    for (;;) {
      await delay(pause, undefined, { signal: stop.signal, ref: false });
      const before = performance.now();
      const bytes = await measure(folders, { lookMs: times.lookMs, signal: stop.signal });
      stop.signal.throwIfAborted();
      if (bytes === undefined) {
        onFull(
          `the sandbox holds so many files that they cannot be counted within ${times.lookMs / 1000} s; its disk limit cannot be kept`,
        );
        return;
      }
      if (bytes > limitBytes) {
        onFull(
          `the sandbox used ${mebibytes(bytes)} of disk, more than its limit of ${mebibytes(limitBytes)}: remove files, or raise the disk limit of the Shell`,
        );
        return;
      }
      pause = Math.max(times.pauseMs, SHARE * (performance.now() - before));
    }
  }
}

/** Bytes on disk below the folders; undefined when it took too long. */
async function measure(
  folders: readonly string[],
  { lookMs, signal }: { lookMs: number; signal: AbortSignal },
): Promise<number | undefined> {
  const child = spawn('nice', ['-n', '10', 'du', '-s', '-k', '-x', '--', ...folders], {
    stdio: ['ignore', 'pipe', 'ignore'],
    signal,
    timeout: lookMs,
    killSignal: 'SIGKILL',
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C' },
  });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk;
  });
  const late = await new Promise<boolean>((resolve) => {
    child.on('error', () => resolve(false));
    child.on('close', (_code, ended) => resolve(ended === 'SIGKILL'));
  });
  if (late) return undefined;
  // Files that vanish meanwhile make `du` complain, and are no fault.
  return text.split('\n').reduce((sum, line) => sum + (Number.parseInt(line, 10) || 0) * 1024, 0);
}

function mebibytes(bytes: number): string {
  return `${Math.round(bytes / 1024 ** 2)} MiB`;
}
