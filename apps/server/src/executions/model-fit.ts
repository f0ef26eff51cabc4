import { isDifyApplication, type ModelEndpoint, type ResourceObject, type ShellSpec } from '@wegent/api';
import { modelEndpoint } from '../models/model-endpoint.ts';

/** A Bot, as far as its parts have to fit. */
interface BotParts {
  /** Names. */
  bot: string;
  shell: string;
  shellSpec: Pick<ShellSpec, 'shellType' | 'supportModel'>;
  model: Pick<ModelEndpoint, 'name' | 'protocol' | 'env'> | undefined;
}

/** Why the Shell of a Bot cannot work with its Model, and what would do; undefined when it can. Pure. */
export function misfitOf({ bot, shell, shellSpec, model }: BotParts): string | undefined {
  const { shellType, supportModel = [] } = shellSpec;
  if (!model)
    return shellType === 'Dify'
      ? undefined
      : `Bot "${bot}" has no Model. Choose one for this chat, or set one in the agent.`;
  if (isDifyApplication(model) !== (shellType === 'Dify'))
    return shellType === 'Dify'
      ? `Model "${model.name}" is no Dify application. Choose one for Bot "${bot}" that has DIFY_API_KEY and DIFY_BASE_URL in modelConfig.env.`
      : `Model "${model.name}" is a Dify application, and Shell "${shell}" is of type ${shellType}. Choose a Shell of type Dify, or another Model.`;
  // Claude Code itself speaks nothing else, whatever its Shell says.
  const takes = supportModel.length === 0 && shellType === 'ClaudeCode' ? ['claude'] : supportModel;
  if (takes.length === 0 || takes.some((name) => PROTOCOLS[name]?.includes(model.protocol))) return undefined;
  return `Shell "${shell}" does not take Model "${model.name}" (${model.protocol}); it supports ${takes.join(', ')}.`;
}

/** The same of stored objects, whose secrets are sealed. What the operator's variables make of a Model is left open. */
export function misfitOfParts({
  bot,
  shell,
  shellSpec,
  model,
}: {
  bot: ResourceObject;
  shell: ResourceObject;
  shellSpec: ShellSpec;
  model: ResourceObject | undefined;
}): string | undefined {
  if (JSON.stringify(model?.spec ?? {}).includes('${')) return undefined;
  return misfitOf({
    ...{ bot: bot.metadata.name, shell: shell.metadata.name, shellSpec },
    model: model && modelEndpoint(model),
  });
}

const PROTOCOLS: Record<string, readonly ModelEndpoint['protocol'][]> = {
  openai: ['openai-chat', 'openai-responses'],
  claude: ['anthropic'],
  anthropic: ['anthropic'],
  gemini: ['gemini'],
  google: ['gemini'],
};
