import { ApiError, BotSpec, ShellSpec, TeamSpec } from '@wegent/api';
import type { Store, TaskRow } from '@wegent/store';
import { resolveReference } from '../resources/references.ts';
import type { Typed } from './compile.ts';
import { requireObject, typed } from './run-parts.ts';
import { runsInSandbox, SANDBOX_SHELL_TYPES } from './sandbox-shells.ts';

/** The Bot of a task that works in a sandbox: the one that did so last, or else the first of the Team. */
export async function sandboxBot(store: Store, task: TaskRow): Promise<Typed<BotSpec>> {
  const last = await store.executions.newestOfTask(task.id, SANDBOX_SHELL_TYPES);
  if (last) return typed(BotSpec, await requireObject(store, 'Bot', last.bot, task.namespace));
  const team = typed(
    TeamSpec,
    await requireObject(
      store,
      'Team',
      { name: task.teamName, namespace: task.teamNamespace },
      task.teamNamespace,
    ),
  );
  for (const member of team.spec.members) {
    const bot = await resolveReference(store, 'Bot', member.botRef, team.metadata.namespace);
    const spec = bot && BotSpec.parse(bot.spec);
    const shell = spec && (await resolveReference(store, 'Shell', spec.shellRef, bot.metadata.namespace));
    if (shell && runsInSandbox(ShellSpec.parse(shell.spec).shellType)) return typed(BotSpec, bot);
  }
  throw new ApiError(
    'Conflict',
    'This conversation works in no sandbox: it has no files, changes or terminals.',
  );
}
