import { readFile } from 'node:fs/promises';
import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { text } from 'node:stream/consumers';
import { createApiClient } from '@wegent/client';
import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { trust, useProxies } from '../connect.ts';
import { isSameFingerprint, readServedAuthority } from '../contexts/authority.ts';
import { type Context, changeContextFile, readContextFile } from '../contexts/context-file.ts';
import { signIn, signOut } from '../contexts/sign-in.ts';
import { CommandError, EXIT } from '../failure.ts';
import { printable } from '../output/printable.ts';
import { isUnknownAuthority } from '../unreachable.ts';

interface LoginOptions {
  server?: string;
  username?: string;
  password?: string;
  passwordStdin?: boolean;
  token?: string;
  certificateAuthority?: string;
  caFingerprint?: string;
  context?: string;
}

/** `wegent login --server URL` and `wegent logout`. */
export function registerLogin(program: Command): void {
  program
    .command('login')
    .summary('sign in to a server, and remember it')
    .description(
      'Signs in and remembers the server as a context. What is remembered can be read by you alone.',
    )
    .option('--username <name>', 'who you are; asked for where there is a terminal')
    .option('--password <password>', 'others can see it in the list of processes; better leave it away')
    .option('--password-stdin', 'read the password from the standard input')
    .option('--token <key>', 'an API key (wg_…) in place of user name and password')
    .option(
      '--certificate-authority <file>',
      'PEM of the authority that signed the certificate of the server',
    )
    .option(
      '--ca-fingerprint <sha256>',
      'trust the authority that the server shows, if this is its fingerprint',
    )
    .action(async (_options, command: Command) => login(command.optsWithGlobals<LoginOptions>()));

  program
    .command('logout')
    .summary('end the session of a context')
    .action(async (_options, command: Command) => {
      const { context } = command.optsWithGlobals<{ context?: string }>();
      process.stdout.write(`${await logout(context)}\n`);
    });
}

async function login(options: LoginOptions): Promise<void> {
  const { file, server: fromEnvironment } = readConfig();
  const address = options.server ?? fromEnvironment ?? (await ask('Server (http://127.0.0.1:3000): ')) ?? '';
  const server = originOf(address === '' ? 'http://127.0.0.1:3000' : address);
  const certificateAuthority =
    options.certificateAuthority === undefined
      ? undefined
      : await readFile(options.certificateAuthority, 'utf8').catch((error: Error) => {
          throw new CommandError(`--certificate-authority: ${error.message}`, EXIT.usage);
        });
  useProxies();
  const authority = certificateAuthority ?? (await unknownAuthority(server, options.caFingerprint));
  trust(authority);
  const { user, credentials } = await identify(server, options);
  const name = options.context ?? new URL(server).host;
  const context: Context = {
    server,
    namespace: user.namespace,
    username: user.username,
    ...(authority === undefined ? {} : { certificateAuthority: authority }),
    ...credentials,
  };
  await changeContextFile(file, async (now) => ({
    next: { currentContext: name, contexts: { ...now.contexts, [name]: context } },
    result: undefined,
  }));
  process.stdout.write(`Signed in at ${server} as ${user.username}; context "${name}".\n`);
}

/**
 * The authority of a server whose certificate nobody known has signed, once the person has compared its fingerprint.
 * Until then no secret goes there. Undefined when the certificate is good.
 */
async function unknownAuthority(server: string, expected: string | undefined): Promise<string | undefined> {
  if (!server.startsWith('https:')) return undefined;
  const { http } = createApiClient({ baseUrl: server });
  const failure: unknown = await http.request('GET', '/version', { authorized: false }).then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof Error) || !isUnknownAuthority(failure.cause)) return undefined;
  const { name, fingerprint, pem } = await readServedAuthority(server);
  if (expected !== undefined) {
    if (isSameFingerprint(expected, fingerprint)) return pem;
    throw new CommandError(`the authority of ${server} has another fingerprint: ${fingerprint}`);
  }
  process.stderr.write(
    `The certificate of ${server} is signed by an authority that is unknown here:\n  ${printable(name)}\n  SHA-256 ${fingerprint}\nWhoever runs the server sees the same with: openssl x509 -noout -fingerprint -sha256 -in DATA_DIR/tls/ca.pem\n`,
  );
  const answer = await ask('Trust it for this server? [y/N] ');
  if (/^y(es)?$/i.test(answer?.trim() ?? '')) return pem;
  throw new CommandError(
    'the server is not trusted; once you have compared it, give --ca-fingerprint, or --certificate-authority FILE',
  );
}

async function identify(server: string, options: LoginOptions) {
  if (options.token !== undefined) {
    const { token } = options;
    const api = createApiClient({ baseUrl: server, getAccessToken: () => token });
    return { user: await api.users.me(), credentials: { apiKey: token } };
  }
  const username = options.username ?? (await ask('User name: '));
  const password =
    options.password ??
    (options.passwordStdin
      ? (await text(process.stdin)).replace(/\r?\n$/, '')
      : await ask('Password: ', { hidden: true }));
  if (!username || !password)
    throw new CommandError(
      'user name and password are needed: --username and --password-stdin, or --token',
      EXIT.usage,
    );
  const { http } = createApiClient({ baseUrl: server });
  const { session, refreshToken } = await signIn(http, { username, password });
  return {
    user: session.user,
    credentials: { refreshToken, accessToken: session.accessToken, expiresAt: session.expiresAt },
  };
}

async function logout(wanted: string | undefined): Promise<string> {
  const { file } = readConfig();
  const { contexts, currentContext } = await readContextFile(file);
  const name = wanted ?? currentContext;
  const context = name === undefined ? undefined : contexts[name];
  if (name === undefined || !context) throw new CommandError('there is no context to end', EXIT.usage);
  trust(context.certificateAuthority);
  useProxies();
  const { http } = createApiClient({ baseUrl: context.server });
  // A server that is away must not keep anybody from forgetting its secrets.
  const ended =
    context.refreshToken === undefined
      ? true
      : await signOut(http, context.refreshToken).then(
          () => true,
          () => false,
        );
  await changeContextFile(file, async (now) => {
    const { [name]: _ended, ...rest } = now.contexts;
    const { currentContext: current, ...others } = now;
    return {
      next: {
        ...others,
        ...(current === undefined || current === name ? {} : { currentContext: current }),
        contexts: rest,
      },
      result: undefined,
    };
  });
  return ended ? `Signed out of "${name}".` : `"${name}" is forgotten here; the server could not be told.`;
}

/** Asks the person; answers nothing where there is none. */
async function ask(
  question: string,
  { hidden = false }: { hidden?: boolean } = {},
): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const silent = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({
    input: process.stdin,
    output: hidden ? silent : process.stderr,
    terminal: true,
  });
  try {
    // Not before the terminal is silent: a password that is pasted at once would be seen.
    if (hidden) process.stderr.write(question);
    return await lines.question(hidden ? '' : question);
  } finally {
    lines.close();
    if (hidden) process.stderr.write('\n');
  }
}

function originOf(address: string): string {
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url?.protocol !== 'http:' && url?.protocol !== 'https:')
    throw new CommandError(
      `--server "${address}" is no address; expected something like https://wegent.example`,
      EXIT.usage,
    );
  return url.origin;
}
