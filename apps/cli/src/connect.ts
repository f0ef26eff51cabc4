import http from 'node:http';
import https from 'node:https';
import tls from 'node:tls';
import { type ApiClient, type ChatSocket, createApiClient, createChatSocket } from '@wegent/client';
import { readConfig } from './config.ts';
import { type AccessToken, accessToken } from './contexts/access-token.ts';
import { readContextFile } from './contexts/context-file.ts';
import { CommandError, EXIT } from './failure.ts';

/** Options that every command takes. */
export interface GlobalOptions {
  context?: string;
  server?: string;
  namespace?: string;
}

/** A server and the right to use it. */
export interface Connection {
  api: ApiClient;
  server: string;
  /** Where objects without a namespace are. */
  namespace: string;
  /** A token that is good now. */
  token(options?: { renew?: boolean }): Promise<AccessToken>;
  /** Opens the live connection; close it, or the process does not end. */
  openSocket(): ChatSocket;
}

/** Chooses server and identity: options, then environment, then the current context. */
export async function connect(options: GlobalOptions): Promise<Connection> {
  const { config, name, own, origin } = await choose(options);
  if (origin === undefined) {
    throw new CommandError(
      'no server is chosen; run `wegent login --server URL`, or set WEGENT_SERVER',
      EXIT.usage,
    );
  }
  const bare = createApiClient({ baseUrl: origin });

  async function token({ renew = false }: { renew?: boolean } = {}): Promise<AccessToken> {
    if (config.token !== undefined) return { token: config.token };
    if (!own || name === undefined) {
      throw new CommandError(`you are not signed in at ${origin}; run \`wegent login --server ${origin}\``);
    }
    return accessToken({ http: bare.http, file: config.file, name, renew });
  }

  let current = (await token()).token;
  const renewed = async () => {
    if (config.token !== undefined || own?.apiKey !== undefined) return undefined;
    current = (await token({ renew: true })).token;
    return current;
  };
  const api = createApiClient({ baseUrl: origin, getAccessToken: () => current, refresh: renewed });
  const namespace =
    options.namespace ?? config.namespace ?? own?.namespace ?? (await api.users.me()).namespace;
  return {
    api,
    server: origin,
    namespace,
    token,
    openSocket: () =>
      createChatSocket({
        url: origin,
        agent: origin.startsWith('https:') ? https.globalAgent : http.globalAgent,
        getToken: async ({ renew }) => (renew ? await renewed() : (await token()).token),
      }),
  };
}

/** The server that `connect` would choose, trusted and reached as there, for what needs no identity. */
export async function chooseServer(options: GlobalOptions): Promise<string | undefined> {
  return (await choose(options)).origin;
}

async function choose(options: GlobalOptions) {
  const config = readConfig();
  const { contexts, currentContext } = await readContextFile(config.file);
  const name = options.context ?? currentContext;
  const context = name === undefined ? undefined : contexts[name];
  if (options.context !== undefined && !context) throw unknownContext(options.context, Object.keys(contexts));
  const server = options.server ?? config.server ?? context?.server;
  const origin = server === undefined ? undefined : originOf(server);
  // The credentials of one server are never shown to another.
  const own = context !== undefined && originOf(context.server) === origin ? context : undefined;
  trust(own?.certificateAuthority);
  useProxies();
  return { config, name, own, origin };
}

/** Makes this process trust the authority of an installation beside those it knows. */
export function trust(certificateAuthority: string | undefined): void {
  if (certificateAuthority === undefined) return;
  tls.setDefaultCACertificates([...tls.getCACertificates('default'), certificateAuthority]);
}

/** Goes through the proxies that HTTPS_PROXY, HTTP_PROXY and NO_PROXY name. */
export function useProxies(): void {
  try {
    // Node 24 has it since 24.14; before, NODE_USE_ENV_PROXY=1 does the same.
    http.setGlobalProxyFromEnv?.();
  } catch {
    throw new CommandError(
      'HTTPS_PROXY or HTTP_PROXY is no address of a proxy; expected something like http://proxy.example:3128',
      EXIT.usage,
    );
  }
}

/** The error for a context that is not there. */
export function unknownContext(name: string, known: readonly string[]): CommandError {
  const list = known.length === 0 ? 'there is none; run `wegent login`' : `known are ${known.join(', ')}`;
  return new CommandError(`there is no context "${name}"; ${list}`, EXIT.usage);
}

function originOf(server: string): string {
  if (!URL.canParse(server) || !/^https?:$/.test(new URL(server).protocol)) {
    throw new CommandError(
      `"${server}" is no address of a server; expected something like http://127.0.0.1:3000`,
      EXIT.usage,
    );
  }
  return new URL(server).origin;
}
