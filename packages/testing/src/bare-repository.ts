import { execFile } from 'node:child_process';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { testConfig } from './config.ts';

/** A bare repository on disk that a test server serves. */
export interface BareRepository {
  /** `owner/name.git`, as in its URL. */
  readonly name: string;
  readonly path: string;
  /** Where its server serves it, without credentials. */
  readonly url: string;
  /** Runs git in it and gives what it printed, trimmed: `git('log', '--format=%an', 'main')`. */
  git(...args: string[]): Promise<string>;
  /** Adds a commit with these files to a branch, which is made when it is not there. */
  commit(options: CommitOptions): Promise<string>;
}

/** What a commit of a test holds. */
export interface CommitOptions {
  /** Content by path; replaces files of that path, leaves others. */
  files: Record<string, string>;
  /** `main` when absent. */
  branch?: string;
  message?: string;
  author?: { name: string; email: string };
}

/** Files of a repository of which a test says nothing else. */
const FIRST_FILES = { 'README.md': '# Sample\n\nA repository for tests.\n' };

/** Makes a bare repository `name` below `root`, with one commit on `main`; `files: {}` leaves it empty. */
export async function createBareRepository(given: {
  root: string;
  name: string;
  url: string;
  files?: Record<string, string>;
}): Promise<BareRepository> {
  const { name, url, files = FIRST_FILES } = given;
  const path = join(given.root, name);
  await mkdir(path, { recursive: true });
  const git = (...args: string[]) => runGit(['-C', path, ...args]);
  await git('init', '--quiet', '--bare', '--initial-branch=main');
  const repository: BareRepository = {
    name,
    path,
    url,
    git,
    commit: (options) => commit(git, path, options),
  };
  if (Object.keys(files).length > 0) await repository.commit({ files, message: 'First commit' });
  return repository;
}

/** Variables for a git that knows nothing of the machine's own settings. */
export function gitEnvironment(folder: string): Record<string, string> {
  return {
    PATH: testConfig.path,
    HOME: folder,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_TERMINAL_PROMPT: '0',
    LC_ALL: 'C.UTF-8',
  };
}

async function commit(
  git: BareRepository['git'],
  path: string,
  {
    files,
    branch = 'main',
    message = 'A commit',
    author = { name: 'Ada Test', email: 'ada@example.org' },
  }: CommitOptions,
): Promise<string> {
  const ref = `refs/heads/${branch}`;
  const parent = await git('rev-parse', '--verify', '--quiet', ref).catch(() => undefined);
  const data = (text: string) => `data ${Buffer.byteLength(text)}\n${text}\n`;
  const stream = [
    `commit ${ref}\n`,
    `committer ${author.name} <${author.email}> ${Math.floor(Date.now() / 1000)} +0000\n`,
    data(message),
    parent === undefined ? '' : `from ${parent}\n`,
    ...Object.entries(files).map(([file, content]) => `M 100644 inline ${file}\n${data(content)}`),
    'done\n',
  ].join('');
  await runGit(['-C', path, 'fast-import', '--quiet', '--done'], stream);
  return git('rev-parse', ref);
}

async function runGit(args: string[], input = ''): Promise<string> {
  const running = promisify(execFile)('git', args, {
    env: gitEnvironment('/nonexistent'),
    maxBuffer: 64 * 1024 * 1024,
  });
  // A git that reads no input may have ended by then.
  running.child.stdin?.on('error', () => undefined).end(input);
  return (await running).stdout.trim();
}
