import { testConfig } from './config.ts';
import { enginesFolder } from './engines-folder.ts';
import { chromiumPath, findProgram } from './find-program.ts';

/**
 * What a suite may need of the machine. `redis` is any Redis, also one that `WEGENT_TEST_REDIS_URL` names;
 * `redis-server` is the program, for suites that kill and restart a Redis of their own. `docker` is what
 * starting an engine of one's own needs.
 */
export type Requirement =
  | 'mariadb'
  | 'redis'
  | 'redis-server'
  | 'chromium'
  | 'kubectl'
  | 'docker'
  | 'bubblewrap'
  | 'claude-code'
  | 'agno'
  | 'sshd'
  | 'git-lfs';

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
  docker: {
    found: () =>
      process.getuid?.() === 0 &&
      ['dockerd', 'setpriv', 'iptables', 'mmdebstrap'].every((name) => findProgram(name)),
    install: 'apt-get install docker.io iptables mmdebstrap, and run the tests as root',
  },
  bubblewrap: { found: () => findProgram('bwrap') !== undefined, install: 'apt-get install bubblewrap' },
  'claude-code': {
    found: () => enginesFolder() !== undefined,
    install: 'run DATA_DIR=.cache npm run engines:install -- claude-code, or set WEGENT_TEST_ENGINES',
  },
  agno: {
    found: () => enginesFolder('agno') !== undefined,
    install: 'run DATA_DIR=.cache npm run engines:install -- agno, or set WEGENT_TEST_ENGINES',
  },
  sshd: { found: () => findProgram('sshd') !== undefined, install: 'apt-get install openssh-server' },
  'git-lfs': { found: () => findProgram('git-lfs') !== undefined, install: 'apt-get install git-lfs' },
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
