import { parseArgs } from 'node:util';

/** What the command line asks for. */
export interface BenchConfig {
  /** Groups to run; all when empty. */
  only: readonly string[];
  /** Fewer and shorter runs: a minute instead of five. */
  quick: boolean;
  /** Environment that the processes under test start with. */
  environment: NodeJS.ProcessEnv;
}

/** Reads `[name …] [--quick]`; throws on anything else. */
export function readBenchConfig(names: readonly string[]): BenchConfig {
  const { values, positionals } = parseArgs({
    options: { quick: { type: 'boolean', default: false } },
    allowPositionals: true,
  });
  const unknown = positionals.filter((name) => !names.includes(name));
  if (unknown.length > 0)
    throw new Error(`no rows named ${unknown.join(', ')}; there are ${names.join(', ')}`);
  return { only: positionals, quick: values.quick, environment: process.env };
}
