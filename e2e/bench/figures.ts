/** What the product says about itself at `/metrics`. */
export interface Figures {
  /** Seconds of CPU since its start. */
  cpuSeconds: number;
  residentBytes: number;
  /** Delay of its event loop since the figures were read last, seconds. */
  loopDelayP50: number;
  loopDelayP99: number;
  sqlStatements: number;
}

/** Reads the figures of a running product. */
export async function readFigures(url: string): Promise<Figures> {
  const response = await fetch(`${url}/metrics`);
  const text = await response.text();
  const value = (name: string) => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1] ?? Number.NaN);
  return {
    cpuSeconds: value('process_cpu_seconds_total'),
    residentBytes: value('process_resident_memory_bytes'),
    loopDelayP50: value('nodejs_eventloop_lag_p50_seconds'),
    loopDelayP99: value('nodejs_eventloop_lag_p99_seconds'),
    sqlStatements: value('wegent_sql_statements_total'),
  };
}

/** Bytes as whole megabytes. */
export function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1024 / 1024)} MB`;
}
