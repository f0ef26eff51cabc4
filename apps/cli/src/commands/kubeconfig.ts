import { chmod, writeFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { z } from 'zod';
import { readConfig } from '../config.ts';
import { connect, type GlobalOptions } from '../connect.ts';
import { formatYaml } from '../output/formats.ts';

const Kubeconfig = z.looseObject({
  users: z.array(
    z.looseObject({
      user: z.looseObject({ exec: z.looseObject({ command: z.string(), args: z.array(z.string()) }) }),
    }),
  ),
});

/** `wegent kubeconfig`, and `wegent credential`, which kubectl calls for a token. */
export function registerKubeconfig(program: Command): void {
  program
    .command('kubeconfig')
    .summary('print a kubeconfig for kubectl')
    .description(
      'Prints a kubeconfig with the certificate authority of the server. It holds no token: kubectl asks this command for a short-lived one.',
    )
    .option('-o, --output <file>', 'write it to a file that only you can read')
    .action(async (_options, command: Command) => {
      const options = command.optsWithGlobals<GlobalOptions & { output?: string }>();
      const { api, namespace } = await connect(options);
      const served = Kubeconfig.parse(
        await api.http.request('GET', '/api/v1/kubeconfig', { query: { namespace } }),
      );
      const kubeconfig = formatYaml({ ...served, users: served.users.map(callThisCommand) });
      if (options.output === undefined) {
        process.stdout.write(kubeconfig);
        return;
      }
      await writeFile(options.output, kubeconfig, { mode: 0o600 });
      await chmod(options.output, 0o600);
      process.stderr.write(`Written. Try: kubectl --kubeconfig ${options.output} get teams\n`);
    });

  program
    .command('credential')
    .summary('print a token for kubectl')
    .description('Prints an ExecCredential (client.authentication.k8s.io/v1), as kubectl asks for it.')
    .action(async (_options, command: Command) => {
      const connection = await connect(command.optsWithGlobals<GlobalOptions>());
      const { token, expiresAt } = await connection.token();
      const credential = {
        apiVersion: 'client.authentication.k8s.io/v1',
        kind: 'ExecCredential',
        status: { token, ...(expiresAt === undefined ? {} : { expirationTimestamp: expiresAt }) },
      };
      process.stdout.write(`${JSON.stringify(credential)}\n`);
    });
}

/** kubectl finds this very file and its contexts, wherever both lie. */
function callThisCommand(entry: z.infer<typeof Kubeconfig>['users'][number]) {
  const [node, script] = process.argv;
  const { file } = readConfig();
  const { exec } = entry.user;
  const command =
    node !== undefined && script !== undefined ? { command: node, args: [script, ...exec.args] } : {};
  return {
    ...entry,
    user: { ...entry.user, exec: { ...exec, ...command, env: [{ name: 'WEGENT_CONFIG', value: file }] } },
  };
}
