import { type BareRepository, enginesFolder, type GitHttpServer, startGitHttpServer } from '@wegent/testing';
import { afterAll } from 'vitest';
import { GIT_CREDENTIAL } from '../support/coding.ts';
import { type Stage, useStage } from './stage.ts';

/** A stage whose product has Claude Code, beside a git host that its sandboxes may reach. */
export interface CodingBrowserStage extends Stage {
  git(): GitHttpServer;
  /** `ada/sample.git`, with the branches `main` and `release`. */
  repository(): BareRepository;
}

/** Starts git host, product and browser before the tests of a suite. */
export function useCodingStage({ env = {} }: { env?: Record<string, string> } = {}): CodingBrowserStage {
  let git: GitHttpServer;
  let repository: BareRepository;
  // Ends after the product, which the stage below ends: the newest hook runs first.
  afterAll(() => git?.[Symbol.asyncDispose]());
  const stage = useStage(async () => {
    git = await startGitHttpServer({ credential: GIT_CREDENTIAL });
    repository = await git.createRepository('ada/sample.git', {
      'README.md': '# Sample\n\nHello.\n',
      'src/index.js': `${LINES.join('\n')}\n`,
    });
    await repository.git('branch', 'release', 'main');
    await repository.commit({ branch: 'release', files: { 'RELEASE.md': 'The release.\n' } });
    const engines = enginesFolder();
    if (engines === undefined) throw new Error('Claude Code is not installed for tests');
    return {
      enginesFolder: engines,
      env: { ...CODING_ENV, OUTBOUND_ALLOW: `127.0.0.1:${git.port}`, ...env },
    };
  });
  return { ...stage, git: () => git, repository: () => repository };
}

/** What the product of a coding suite is started with. */
export const CODING_ENV = { SANDBOX: 'local', SIMULATOR_PACE: '0' };

const LINES = [
  'export const answer = 41;',
  '',
  'export function greet(name) {',
  "  return 'Hi, ' + name;",
  '}',
];
