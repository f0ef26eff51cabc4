import { readFile } from 'node:fs/promises';

/** What the product says about itself at `/metrics`. */
export interface Figures {
  residentBytes: number;
  /** Delay of its event loop since the figures were read last, seconds. */
  loopDelayP99: number;
  sqlStatements: number;
}

/** Reads the figures of a running product. */
export async function readFigures(url: string): Promise<Figures> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    residentBytes: value('process_resident_memory_bytes'),
    loopDelayP99: value('nodejs_eventloop_lag_p99_seconds'),
    sqlStatements: value('wegent_sql_statements_total'),
  };
}

const TICKS_PER_SECOND = 100;

/**
 * Seconds of CPU that a process has used, as Linux counts them; NaN elsewhere. The process is not asked: one that is
 * busy would answer late.
 */
export async function cpuSecondsOf(pid: number): Promise<number> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => '');
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / TICKS_PER_SECOND;
}

/** Bytes as whole megabytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
