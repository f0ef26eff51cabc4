import type { BenchConfig } from './config.ts';
import type { Distribution } from './distribution.ts';

/** One line of the table: a figure of the product beside its limit from the same run. */
export interface Row {
  name: string;
  measured: string;
  /** What cannot be beaten, or what would be there without the product. */
  limitName: string;
  limit: string;
  /** Measured over limit, or measured minus limit. */
  comparison: string;
  aim?: { text: string; met: boolean };
}

/** Rows that are measured together; a name of the command line picks them. */
export interface Group {
  name: string;
  says: string;
  run(config: BenchConfig): Promise<Row[]>;
}

/** `p50/p95/p99`. */
export function percentiles({ p50, p95, p99 }: Distribution): string {
  return `${milliseconds(p50)} / ${milliseconds(p95)} / ${milliseconds(p99)} ms`;
}

/** A duration with as many digits as tell something. */
export function milliseconds(value: number): string {
  return value.toFixed(Math.abs(value) < 9.95 ? 2 : 1);
}

/** How many times the limit, at p50 and p95. */
export function timesAtBoth(measured: Distribution, limit: Distribution): string {
  return `×${ratio(measured.p50, limit.p50)} / ×${ratio(measured.p95, limit.p95)}`;
}

/** A factor with two or three digits. */
export function ratio(measured: number, limit: number): string {
  const factor = measured / limit;
  return factor.toFixed(factor < 9.95 ? 1 : 0);
}

/** An aim that holds when the value is at most so much. */
export function atMost(value: number, bound: number, text: string): { text: string; met: boolean } {
  return { text, met: value <= bound };
}
