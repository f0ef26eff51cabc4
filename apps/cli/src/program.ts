import { Command, type CommanderError } from 'commander';
import manifest from '../package.json' with { type: 'json' };
import { registerApiResources } from './commands/api-resources.ts';
import { registerApply } from './commands/apply.ts';
import { registerChat } from './commands/chat.ts';
import { registerCompletion } from './commands/completion.ts';
import { registerConfig } from './commands/config.ts';
import { registerDelete } from './commands/delete.ts';
import { registerDescribe } from './commands/describe.ts';
import { registerDiff } from './commands/diff.ts';
import { registerGet } from './commands/get.ts';
import { registerKubeconfig } from './commands/kubeconfig.ts';
import { registerLogin } from './commands/login.ts';
import { registerLogs } from './commands/logs.ts';
import { registerRun } from './commands/run.ts';
import { registerVersion } from './commands/version.ts';
import { CommandError, EXIT } from './failure.ts';

/** The command with all its parts; throws CommandError where commander would end the process. */
export function createProgram(): Command {
  const program = new Command('wegent')
    .description('Teams of AI agents, from the terminal.')
    .version(manifest.version)
    .option('--context <name>', 'a server that `wegent login` remembered')
    .option('--server <url>', 'address of the server')
    .option('-n, --namespace <name>', 'where objects are')
    .showSuggestionAfterError();
  for (const register of [
    registerLogin,
    registerConfig,
    registerRun,
    registerChat,
    registerLogs,
    registerGet,
    registerDescribe,
    registerApply,
    registerDiff,
    registerDelete,
    registerApiResources,
    registerKubeconfig,
    registerCompletion,
    registerVersion,
  ])
    register(program);
  for (const command of everyCommand(program))
    command
      .exitOverride(endQuietly)
      .allowExcessArguments(false)
      .showHelpAfterError(`(see \`${pathOf(command)} --help\`)`);
  return program;
}

function everyCommand(command: Command): Command[] {
  return [command, ...command.commands.flatMap(everyCommand)];
}

function pathOf(command: Command): string {
  return command.parent ? `${pathOf(command.parent)} ${command.name()}` : command.name();
}

/** Commander has printed what there is to say, help or a refusal. */
function endQuietly(error: CommanderError): never {
  throw new CommandError('', error.exitCode === 0 ? 0 : EXIT.usage);
}
