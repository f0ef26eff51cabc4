import { ApiError } from '@wegent/api';
import type { SandboxLimits, SandboxSpec } from './sandbox.ts';

/** What a sandbox gets when its Shell says nothing. */
export const DEFAULT_LIMITS: SandboxLimits = {
  cpu: 2,
  memoryBytes: 4 * 1024 ** 3,
  pids: 1024,
  diskBytes: 10 * 1024 ** 3,
};

const UNITS: Record<string, number> = {
  '': 1,
  K: 1e3,
  M: 1e6,
  G: 1e9,
  Ki: 1024,
  Mi: 1024 ** 2,
  Gi: 1024 ** 3,
};

/** The limits of a spec in numbers, with the defaults for what it does not name. */
export function resolveLimits(limits: SandboxSpec['limits']): SandboxLimits {
  return {
    cpu: limits.cpu ?? DEFAULT_LIMITS.cpu,
    memoryBytes: limits.memory === undefined ? DEFAULT_LIMITS.memoryBytes : parseBytes(limits.memory),
    pids: limits.pids ?? DEFAULT_LIMITS.pids,
    diskBytes: limits.disk === undefined ? DEFAULT_LIMITS.diskBytes : parseBytes(limits.disk),
  };
}

/** Bytes of a quantity such as `4Gi`. */
export function parseBytes(quantity: string): number {
  const match = /^(\d+(?:\.\d+)?)(Ki|Mi|Gi|K|M|G)?$/.exec(quantity);
  const unit = UNITS[match?.[2] ?? ''];
  if (!match || unit === undefined)
    throw new ApiError('Invalid', `"${quantity}" is no number of bytes such as 4Gi`);
  return Math.round(Number(match[1]) * unit);
}
