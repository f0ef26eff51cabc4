import type {
  BotSpec,
  ExecutionSpec,
  GhostSpec,
  ModelEndpoint,
  ResourceObject,
  SandboxContext,
  ShellSpec,
  SpecMessage,
  SpecSkill,
  SpecWorkspace,
  TaskOptions,
} from '@wegent/api';
import { ApiError } from '@wegent/api';
import { misfitOf } from './model-fit.ts';

/** A document with its spec typed. */
export type Typed<Spec> = Omit<ResourceObject, 'spec'> & { spec: Spec };

/** Everything that a run is made of, already loaded, secrets in clear. */
export interface CompileInput {
  execution: { id: string; taskId: string; messageId: string; attempt: number };
  task: { namespace: string; type: 'chat' | 'code'; owner: { userId: string; name: string } };
  bot: Typed<BotSpec>;
  ghost: Typed<GhostSpec>;
  shell: Typed<ShellSpec>;
  model: ModelEndpoint | undefined;
  /** Private addresses that the run may reach; `undefined` = any. */
  outboundAllow: readonly string[] | undefined;
  memberPrompt: string | undefined;
  /** Decisions of people that hold for the rest of the task, newest first. */
  remembered: ExecutionSpec['approvals'];
  history: readonly SpecMessage[];
  input: SpecMessage;
  session: ExecutionSpec['session'];
  /** Those that the run leads with the tool `delegate`. */
  team: ExecutionSpec['team'];
  options: TaskOptions;
  skills: readonly SpecSkill[];
  workspace: SpecWorkspace | undefined;
  /** Hosts that the Workspace allows, besides those of the Shell. */
  egress: readonly string[];
}

/** What a sandbox is made of, already loaded. */
export interface SandboxInput {
  task: { id: string; namespace: string; type: 'chat' | 'code' };
  shell: Typed<ShellSpec>;
  workspace: SpecWorkspace | undefined;
  egress: readonly string[];
  outboundAllow: readonly string[] | undefined;
}

const CLARIFY =
  'Before you begin, ask the person up to five short questions about whatever is unclear. Begin only when you have the answers.';

/** Resolves a run into one self-contained document. Pure; throws ApiError Invalid when the parts do not fit. */
export function compile(input: CompileInput): ExecutionSpec {
  const { bot, ghost, shell, model } = input;
  const misfit = misfitOf({
    ...{ bot: bot.metadata.name, shell: shell.metadata.name },
    ...{ shellSpec: shell.spec, model },
  });
  if (misfit !== undefined) throw new ApiError('Invalid', misfit);
  return {
    ...sandboxContext({ ...input, task: { ...input.task, id: input.execution.taskId } }),
    executionId: input.execution.id,
    messageId: input.execution.messageId,
    attempt: input.execution.attempt,
    owner: input.task.owner,
    bot: { name: bot.metadata.name, namespace: bot.metadata.namespace },
    ...(model ? { model } : {}),
    systemPrompt: [
      ghost.spec.systemPrompt,
      input.memberPrompt,
      input.options.clarification ? CLARIFY : undefined,
    ]
      .filter((part) => part !== undefined && part !== '')
      .join('\n\n'),
    ...(input.memberPrompt ? { teamPrompt: input.memberPrompt } : {}),
    mcpServers: ghost.spec.mcpServers ?? {},
    ...(ghost.spec.tools ? { tools: ghost.spec.tools } : {}),
    // What people have decided for the rest of the task goes before what the Ghost says.
    approvals: [...input.remembered, ...(ghost.spec.approvals ?? [])],
    skills: [...input.skills],
    history: [...input.history],
    input: input.input,
    ...(input.session ? { session: input.session } : {}),
    options: input.options,
    ...(input.team ? { team: input.team } : {}),
  };
}

/** What the sandbox of a task is made for. Pure. */
export function sandboxContext({
  task,
  shell,
  workspace,
  egress,
  outboundAllow,
}: SandboxInput): SandboxContext {
  const { shellType, baseImage, resources, network, timeouts, retry } = shell.spec;
  return {
    taskId: task.id,
    namespace: task.namespace,
    taskType: task.type,
    shell: {
      name: shell.metadata.name,
      shellType,
      ...(baseImage === undefined ? {} : { baseImage }),
      ...(resources === undefined ? {} : { resources }),
      network,
      ...timeouts,
      maxAttempts: retry.maxAttempts,
    },
    ...(workspace ? { workspace } : {}),
    egress: [...new Set([...(shell.spec.egress ?? []), ...egress])],
    ...(outboundAllow ? { outboundAllow: [...outboundAllow] } : {}),
  };
}
