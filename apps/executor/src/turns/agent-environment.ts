import type { SpecWorkspace } from '@wegent/api';
import type { GatewayPort } from '../gateway/gateway-port.ts';
import { gitPairs, lfsConfig } from '../git/git-config.ts';
import { networkEnvironment, proxyEnvironment } from '../git/git-network.ts';
import { parseRepositoryAddress } from '../git/repository-address.ts';

/**
 * The environment of agents, set-up commands and terminals: no secret of the platform is in it. It is the same from turn
 * to turn, since an agent's process stays. What a Workspace sets comes last, but does not get in the way of git and proxy.
 */
export function agentEnvironment({
  path,
  homeFolder,
  lfs,
  workspace,
  port,
  sshProgram,
}: {
  path: string;
  homeFolder: string;
  lfs: boolean;
  workspace: SpecWorkspace | undefined;
  /** Absent for terminals, which have no way out. */
  port: Pick<GatewayPort, 'url'> | undefined;
  sshProgram: readonly string[];
}): Record<string, string> {
  const address = workspace?.repository && parseRepositoryAddress(workspace.repository.url);
  const network = port && address ? networkEnvironment({ port, address, sshProgram }) : undefined;
  const author = workspace?.author;
  return {
    LANG: 'C.UTF-8',
    TMPDIR: '/tmp',
    CI: '1',
    PATH: path,
    ...workspace?.env,
    HOME: homeFolder,
    ...(port ? { ...proxyEnvironment(port.url), NODE_USE_ENV_PROXY: '1' } : {}),
    ...network?.env,
    ...(author
      ? {
          GIT_AUTHOR_NAME: author.name,
          GIT_AUTHOR_EMAIL: author.email,
          GIT_COMMITTER_NAME: author.name,
          GIT_COMMITTER_EMAIL: author.email,
        }
      : {}),
    GIT_TERMINAL_PROMPT: '0',
    GIT_ASKPASS: '',
    ...gitPairs([
      ['safe.directory', '*'],
      ['credential.helper', ''],
      ...lfsConfig({ lfs }),
      ...(network?.config ?? []),
    ]),
  };
}
