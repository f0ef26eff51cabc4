import { spawnSync } from 'node:child_process';
import { testConfig } from './config.ts';
import { chromiumPath, findProgram } from './find-program.ts';

/**
 * What a suite may need of the machine. `redis` is any Redis, also one that `WEGENT_TEST_REDIS_URL` names;
 * `redis-server` is the program, for suites that kill and restart a Redis of their own. `docker` is an engine
 * that answers, not only its client.
 */
export type Requirement =
  | 'mariadb'
  | 'redis'
  | 'redis-server'
  | 'chromium'
  | 'kubectl'
  | 'docker'
  | 'bubblewrap';

interface Probe {
  found: () => boolean;
  /** How to get it: the end of the sentence "… is missing: …". */
  install: string;
}

const PROBES: Record<Requirement, Probe> = {
  mariadb: {
    found: () => testConfig.mysqlUrl !== undefined || findProgram('mariadbd') !== undefined,
    install: 'apt-get install mariadb-server, or set WEGENT_TEST_MYSQL_URL',
  },
  redis: {
    found: () => testConfig.redisUrl !== undefined || findProgram('redis-server') !== undefined,
    install: 'apt-get install redis-server, or set WEGENT_TEST_REDIS_URL',
  },
  'redis-server': {
    found: () => findProgram('redis-server') !== undefined,
    install: 'apt-get install redis-server',
  },
  chromium: { found: () => chromiumPath() !== undefined, install: 'apt-get install chromium' },
  kubectl: {
    found: () => findProgram('kubectl') !== undefined,
    install: 'install kubectl (https://kubernetes.io/docs/tasks/tools/)',
  },
  docker: { found: dockerAnswers, install: 'apt-get install docker.io and start dockerd' },
  bubblewrap: { found: () => findProgram('bwrap') !== undefined, install: 'apt-get install bubblewrap' },
};

const found = new Map<Requirement, boolean>();

/** Those of the requirements that this machine lacks, each as a sentence that says how to get it. */
export function missingRequirements(needs: readonly Requirement[]): string[] {
  return needs.filter((need) => !isFound(need)).map((need) => `${need} is missing: ${PROBES[need].install}`);
}

function isFound(need: Requirement): boolean {
  const known = found.get(need);
  if (known !== undefined) return known;
  const answer = PROBES[need].found();
  found.set(need, answer);
  return answer;
}

function dockerAnswers(): boolean {
  const docker = findProgram('docker');
  if (docker === undefined) return false;
  return spawnSync(docker, ['version', '--format', '{{.Server.Version}}'], { timeout: 10_000 }).status === 0;
}
