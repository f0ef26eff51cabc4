import {
  ApiError,
  type BotSpec,
  type ExecutionSpec,
  type GhostSpec,
  type ModelEndpoint,
  type ResourceObject,
  type ShellSpec,
  type SpecMessage,
  type TaskOptions,
} from '@wegent/api';

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
  history: readonly SpecMessage[];
  input: SpecMessage;
  options: TaskOptions;
}

const CLARIFY =
  'Before you begin, ask the person up to five short questions about whatever is unclear. Begin only when you have the answers.';

/** Resolves a run into one self-contained document. Pure; throws ApiError Invalid when the parts do not fit. */
export function compile(input: CompileInput): ExecutionSpec {
  const { bot, ghost, shell, model } = input;
  const { shellType, timeouts, retry } = shell.spec;
  if (shellType !== 'Dify' && !model) {
    throw new ApiError(
      'Invalid',
      `Bot "${bot.metadata.name}" has no Model. Choose one for this chat, or set one in the agent.`,
    );
  }
  const supported = shell.spec.supportModel ?? [];
  if (model && supported.length > 0 && !supported.some((name) => PROTOCOLS[name]?.includes(model.protocol))) {
    throw new ApiError(
      'Invalid',
      `Shell "${shell.metadata.name}" does not take Model "${model.name}" (${model.protocol}); it supports ${supported.join(', ')}.`,
    );
  }
  return {
    executionId: input.execution.id,
    taskId: input.execution.taskId,
    messageId: input.execution.messageId,
    attempt: input.execution.attempt,
    namespace: input.task.namespace,
    owner: input.task.owner,
    taskType: input.task.type,
    bot: { name: bot.metadata.name, namespace: bot.metadata.namespace },
    shell: {
      name: shell.metadata.name,
      shellType,
      ...(shell.spec.baseImage === undefined ? {} : { baseImage: shell.spec.baseImage }),
      ...(shell.spec.resources === undefined ? {} : { resources: shell.spec.resources }),
      network: shell.spec.network,
      ...timeouts,
      maxAttempts: retry.maxAttempts,
    },
    ...(model ? { model } : {}),
    systemPrompt: [
      ghost.spec.systemPrompt,
      input.memberPrompt,
      input.options.clarification ? CLARIFY : undefined,
    ]
      .filter((part) => part !== undefined && part !== '')
      .join('\n\n'),
    mcpServers: ghost.spec.mcpServers ?? {},
    ...(ghost.spec.tools ? { tools: ghost.spec.tools } : {}),
    approvals: ghost.spec.approvals ?? [],
    skills: (ghost.spec.skills ?? []).map((name) => ({ name, description: '' })),
    egress: [],
    history: [...input.history],
    input: input.input,
    options: input.options,
    ...(input.outboundAllow ? { outboundAllow: [...input.outboundAllow] } : {}),
  };
}

const PROTOCOLS: Record<string, readonly ModelEndpoint['protocol'][]> = {
  openai: ['openai-chat', 'openai-responses'],
  claude: ['anthropic'],
  anthropic: ['anthropic'],
  gemini: ['gemini'],
  google: ['gemini'],
};
