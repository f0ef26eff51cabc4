import type { Command } from 'commander';
import { readConfig } from '../config.ts';
import { unknownContext } from '../connect.ts';
import { type Context, changeContextFile, readContextFile } from '../contexts/context-file.ts';
import { formatYaml } from '../output/formats.ts';
import { formatTable } from '../output/table.ts';

/** `wegent config …`: the servers that this machine knows. */
export function registerConfig(program: Command): void {
  const config = program
    .command('config')
    .summary('servers that this machine knows')
    .description('Shows and changes contexts: a server, who you are there, and a namespace.');

  config
    .command('view')
    .summary('everything but the secrets')
    .action(async () => {
      const { file } = readConfig();
      const { currentContext, contexts } = await readContextFile(file);
      process.stdout.write(
        formatYaml({
          file,
          ...(currentContext === undefined ? {} : { currentContext }),
          contexts: Object.fromEntries(
            Object.entries(contexts).map(([name, context]) => [name, shown(context)]),
          ),
        }),
      );
    });

  config
    .command('get-contexts')
    .summary('list the contexts')
    .action(async () => {
      const { currentContext, contexts } = await readContextFile(readConfig().file);
      const rows = Object.entries(contexts).map(([name, { server, username, namespace }]) => [
        name === currentContext ? '*' : '',
        name,
        server,
        username ?? '',
        namespace,
      ]);
      process.stdout.write(formatTable([['CURRENT', 'NAME', 'SERVER', 'USER', 'NAMESPACE'], ...rows]));
    });

  config
    .command('use-context')
    .summary('choose a context')
    .argument('<name>')
    .action(async (name: string) => {
      await changeContextFile(readConfig().file, async (now) => {
        if (!now.contexts[name]) throw unknownContext(name, Object.keys(now.contexts));
        return { next: { ...now, currentContext: name }, result: undefined };
      });
      process.stdout.write(`Context "${name}" is chosen.\n`);
    });

  config
    .command('set-namespace')
    .summary('choose the namespace of the current context')
    .argument('<namespace>')
    .action(async (namespace: string, _options, command: Command) => {
      const { context: wanted } = command.optsWithGlobals<{ context?: string }>();
      const name = await changeContextFile(readConfig().file, async (now) => {
        const chosen = wanted ?? now.currentContext ?? '';
        const context = now.contexts[chosen];
        if (!context) throw unknownContext(chosen, Object.keys(now.contexts));
        const contexts = { ...now.contexts, [chosen]: { ...context, namespace } };
        return { next: { ...now, contexts }, result: chosen };
      });
      process.stdout.write(`Context "${name}" works in namespace ${namespace}.\n`);
    });
}

function shown({ server, namespace, username, apiKey, refreshToken }: Context) {
  const credentials = apiKey !== undefined ? 'API key' : refreshToken !== undefined ? 'session' : 'none';
  return { server, namespace, ...(username === undefined ? {} : { username }), credentials };
}
