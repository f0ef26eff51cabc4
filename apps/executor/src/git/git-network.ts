import type { GatewayPort } from '../gateway/gateway-port.ts';
import type { RepositoryAddress } from './repository-address.ts';
import { LOCAL_HOST, spellingsOf } from './repository-address.ts';

/** The task's repository, and the program that takes the place of ssh. */
export interface GitNetwork {
  address: RepositoryAddress;
  sshProgram: readonly string[];
}

/**
 * What makes git reach the task's repository through the gateway, by whatever spelling of its address. Other addresses
 * go through the proxy, where the Shell's rules decide.
 */
export function networkEnvironment({
  port,
  address,
  sshProgram,
}: GitNetwork & { port: Pick<GatewayPort, 'url'> }): {
  env: Record<string, string>;
  config: [string, string][];
} {
  const env = { GIT_ALLOW_PROTOCOL: 'http:https:ssh', ...proxyEnvironment(port.url) };
  if (address.transport === 'http') {
    return {
      env,
      config: spellingsOf(address.url).map((spelling) => [`url.${port.url}/git.insteadOf`, spelling]),
    };
  }
  const command = [...sshProgram, 'git-ssh', port.url, address.host, address.path].map(shellQuote).join(' ');
  return {
    env: { ...env, GIT_SSH_COMMAND: command, GIT_SSH_VARIANT: 'ssh' },
    config: address.transport === 'local' ? [[`url.ssh://${LOCAL_HOST}/.insteadOf`, 'file:///']] : [],
  };
}

/** Sends programs that know the usual variables through the gateway's proxy. */
export function proxyEnvironment(url: string): Record<string, string> {
  const none = '127.0.0.1,localhost,::1';
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    NO_PROXY: none,
    http_proxy: url,
    https_proxy: url,
    no_proxy: none,
  };
}

/** A word for `sh`. */
export function shellQuote(word: string): string {
  return `'${word.replaceAll("'", "'\\''")}'`;
}
