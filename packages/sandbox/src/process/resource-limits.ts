import type { SandboxLimits } from '../sandbox.ts';

/** What the shell sets for itself and all it starts. */
export interface ResourceLimits {
  /** Bytes of one file. */
  fileBytes: number;
  /** Processes of its user; absent where that user has others too. */
  processes?: number;
  /** Bytes of data of one process; absent where the kernel counts memory for all together. */
  dataBytes?: number;
}

const OPEN_FILES = 16_384;
/** Node reserves that much before it runs anything (574 MB of data by version 24), which counts though it is not used. */
const NODE_RESERVES = 640 * 1024 ** 2;

/** The limits that remain to be kept for each process, given which of them are kept for all together. */
export function resourceLimits(
  limits: SandboxLimits,
  { ownUser, memory }: { ownUser: boolean; memory: boolean },
): ResourceLimits {
  return {
    fileBytes: limits.diskBytes,
    ...(ownUser ? { processes: limits.pids } : {}),
    ...(memory ? {} : { dataBytes: limits.memoryBytes + NODE_RESERVES }),
  };
}

/**
 * Arguments that run a program under the limits. What is stricter already stays as it is. Descriptor 4 is closed: it
 * was for those who started the program.
 */
export function withResourceLimits(
  { fileBytes, processes, dataBytes }: ResourceLimits,
  argv: readonly string[],
): string[] {
  const limits = [
    '-c 0',
    `-n ${OPEN_FILES}`,
    `-f ${Math.ceil(fileBytes / 1024)}`,
    ...(processes === undefined ? [] : [`-u ${processes}`]),
    ...(dataBytes === undefined ? [] : [`-d ${Math.ceil(dataBytes / 1024)}`]),
  ];
  const script = [...limits.map((limit) => `ulimit ${limit} 2> /dev/null`), 'exec 4>&-', 'exec "$@"'];
  return ['/bin/bash', '-c', script.join('\n'), 'executor', ...argv];
}
