import { readFile } from 'node:fs/promises';

/** The text of `bridge.py`, which the bundle of the executor has in it: in a sandbox there is no file beside it. */
declare const WEGENT_AGNO_BRIDGE: string | undefined;

/** The program that drives Agno; Python gets it as an argument, so it needs no place in the sandbox. */
export function bridgeSource(): Promise<string> {
  if (typeof WEGENT_AGNO_BRIDGE === 'string') return Promise.resolve(WEGENT_AGNO_BRIDGE);
  return readFile(new URL('bridge.py', import.meta.url), 'utf8');
}
