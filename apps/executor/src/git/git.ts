import type { GatewayPort } from '../gateway/gateway-port.ts';
import type { Processes, ProcessRequest } from '../process/processes.ts';
import { gitPairs, quietConfig } from './git-config.ts';
import { type GitNetwork, networkEnvironment } from './git-network.ts';

/** Where a git command works: in a work tree as the agent left it, or in a git folder of ours over that work tree. */
export type GitPlace = { cwd: string } | { gitFolder: string; workTree: string; indexFile?: string };

/** A git command of ours. */
export interface GitRequest
  extends Pick<ProcessRequest, 'input' | 'signal' | 'onOutput' | 'maxOutput' | 'stallMs' | 'timeoutMs'> {
  place: GitPlace;
  args: readonly string[];
  /** The way to the remote; without it no transport works. */
  network?: { port: GatewayPort } & GitNetwork;
  /** Further configuration. */
  config?: readonly (readonly [string, string])[];
  /** Further environment. */
  env?: Record<string, string>;
  /** Exit codes that are an answer; 0 when absent. */
  accept?: readonly number[];
}

/** What git answered. */
export interface GitAnswer {
  code: number;
  stdout: Buffer;
  stderr: string;
}

/** A git command failed. */
export class GitError extends Error {
  readonly code: number | null;
  readonly stderr: string;

  constructor(args: readonly string[], { code, stderr }: { code: number | null; stderr: string }) {
    super(`git ${args[0]} ended with ${code ?? 'a signal'}: ${stderr.trim().slice(-500)}`);
    this.name = 'GitError';
    this.code = code;
    this.stderr = stderr;
  }
}

/** Runs git commands. */
export type Git = ReturnType<typeof createGit>;

/**
 * Git as we use it on work trees that an agent had in its hands: no hooks, no fsmonitor, no prompts, no credentials, only
 * http and ssh, and no programs that the repository's own configuration names (git-lfs, which we name, is the exception).
 */
export function createGit({
  processes,
  path,
  homeFolder,
  lfs,
}: {
  processes: Processes;
  path: string;
  homeFolder: string;
  /** git-lfs is installed. */
  lfs: boolean;
}) {
  const base = {
    PATH: path,
    HOME: homeFolder,
    LC_ALL: 'C.UTF-8',
    LANGUAGE: 'C',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    // Empty, so that nobody is asked: a program that answers nothing would make git-lfs ask for ever.
    GIT_ASKPASS: '',
    SSH_ASKPASS: '',
    GIT_EDITOR: 'true',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
    GIT_ATTR_NOSYSTEM: '1',
  };

  async function run(request: GitRequest): Promise<GitAnswer> {
    const { place, args, network, config = [], accept = [0], env, ...rest } = request;
    const pairs = [
      ...quietConfig({ lfs }),
      ...config,
      ...(network ? networkEnvironment(network).config : []),
    ];
    const answer = await processes.run({
      ...rest,
      command: 'git',
      args,
      cwd: 'cwd' in place ? place.cwd : place.workTree,
      env: {
        ...base,
        ...placeEnvironment(place),
        ...(network ? networkEnvironment(network).env : { GIT_ALLOW_PROTOCOL: 'none' }),
        ...env,
        ...gitPairs(pairs),
      },
      ...(network ? { activity: network.port.activity } : {}),
    });
    if (answer.code === null || !accept.includes(answer.code)) throw new GitError(args, answer);
    return { ...answer, code: answer.code };
  }

  return {
    lfs,
    run,
    /** Standard output as text, without the newline at its end. */
    async text(request: GitRequest): Promise<string> {
      return (await run(request)).stdout.toString('utf8').replace(/\n$/, '');
    },
    /** Standard output as text, or undefined when git says no. */
    async maybe(request: GitRequest): Promise<string | undefined> {
      try {
        return (await run(request)).stdout.toString('utf8').replace(/\n$/, '');
      } catch (cause) {
        if (cause instanceof GitError) return undefined;
        throw cause;
      }
    },
    /**
     * Configuration that takes the programs out of a work tree's own configuration, for commands that would start them:
     * filters, merge drivers and the like cannot be switched off by one setting.
     */
    async withoutPrograms(cwd: string): Promise<[string, string][]> {
      const { stdout } = await run({
        place: { cwd },
        args: ['config', '--list', '--name-only', '-z'],
        accept: [0, 1],
      });
      const names = new Set(stdout.toString('utf8').split('\0'));
      return [...names].flatMap((name) => disarmed(name, lfs));
    },
  };
}

function disarmed(name: string, lfs: boolean): [string, string][] {
  const filter = /^(filter\..+)\.(clean|smudge|process|required)$/s.exec(name);
  if (filter) {
    if (lfs && filter[1] === 'filter.lfs') return [];
    return [[name, filter[2] === 'required' ? 'false' : '']];
  }
  if (/^merge\..+\.driver$/s.test(name)) return [[name, 'false']];
  if (/^diff\..+\.(command|textconv)$/s.test(name)) return [[name, 'false']];
  if (/^(submodule\..+\.update)$/s.test(name)) return [[name, 'checkout']];
  return [];
}

function placeEnvironment(place: GitPlace): Record<string, string> {
  if ('cwd' in place) return {};
  return {
    GIT_DIR: place.gitFolder,
    GIT_WORK_TREE: place.workTree,
    ...(place.indexFile === undefined ? {} : { GIT_INDEX_FILE: place.indexFile }),
  };
}
