import {
  ApiError,
  BotSpec,
  type ObjectReference,
  type ResourceObject,
  ShellSpec,
  type ShellType,
  type TaskOptions,
  TeamSpec,
} from '@wegent/api';
import type { ExecutionRow, MessageRow, Store, TaskRow } from '@wegent/store';
import { newId } from '@wegent/store';
import type { Access } from '../access/access.ts';
import { type Principal, principalOfUser } from '../auth/principal.ts';
import { memberName, planTurn } from '../executions/plan-turn.ts';
import { describeExisting, resolveReference } from '../resources/references.ts';
import { findMention } from './mentions.ts';
import type { RunOptions } from './turn-options.ts';

/** Everything that is known about a turn before anything is written. */
export interface PreparedTurn {
  team: ResourceObject;
  /** Empty when nobody is called in a group chat. */
  runs: {
    memberIndex: number;
    memberPrompt: string | undefined;
    bot: ResourceObject;
    model: string | undefined;
    shellType: ShellType;
    maxAttempts: number;
  }[];
  modelOverride: ObjectReference | undefined;
  options: TaskOptions | undefined;
}

/** Prepares turns. */
export type TurnPreparer = ReturnType<typeof createTurnPreparer>;

/** Checks rights, finds who answers and whether it can; writes nothing. */
export function createTurnPreparer({ store, access }: { store: Store; access: Access }) {
  async function usable(
    principal: Principal,
    kind: string,
    reference: ObjectReference,
    from: string,
    field: string,
  ): Promise<ResourceObject> {
    const object = await resolveReference(store, kind, reference, from);
    if (object && (await access.can(principal, 'run', kind, object.metadata.namespace, object.metadata.name)))
      return object;
    const existing = await describeExisting(store, access, principal, kind, from);
    throw new ApiError('NotFound', `${kind} "${reference.name}" not found; ${existing}`, {
      details: {
        kind,
        name: reference.name,
        causes: [{ reason: 'FieldValueNotFound', field, message: existing }],
      },
    });
  }

  return {
    /** The Team that a person may talk to, or NotFound with what exists. */
    team(principal: Principal, reference: ObjectReference): Promise<ResourceObject> {
      return usable(principal, 'Team', reference, principal.namespace, 'team');
    },

    /** The Workspace that a person may use, or NotFound with what exists. */
    workspace(principal: Principal, reference: ObjectReference): Promise<ResourceObject> {
      return usable(principal, 'Workspace', reference, principal.namespace, 'workspace');
    },

    /**
     * The Team that answers in a task. Its own answers everybody who takes part, as long as the owner may use it;
     * another one answers who may use it.
     */
    async teamOf(
      principal: Principal,
      task: TaskRow,
      named: ObjectReference | undefined,
    ): Promise<ResourceObject> {
      const own = { name: task.teamName, namespace: task.teamNamespace };
      const isOwn = named === undefined || (named.name === own.name && named.namespace === own.namespace);
      const owner =
        isOwn && task.ownerId !== principal.userId ? await store.users.get(task.ownerId) : undefined;
      const user = owner && !owner.disabled ? principalOfUser(owner) : principal;
      return usable(user, 'Team', named ?? own, principal.namespace, 'team');
    },

    /** Plans a message to a Team: `text` decides who is called when it is a group chat. */
    async prepare(
      principal: Principal,
      {
        team,
        text,
        isGroup,
        modelOverride,
        options,
      }: {
        team: ResourceObject;
        text: string;
        isGroup: boolean;
        modelOverride: ObjectReference | undefined;
        options: TaskOptions | undefined;
      },
    ): Promise<PreparedTurn> {
      const model = modelOverride
        ? await usable(principal, 'Model', modelOverride, principal.namespace, 'modelOverride')
        : undefined;
      const override = model && { name: model.metadata.name, namespace: model.metadata.namespace };
      const base = { team, modelOverride: override, options };
      const spec = TeamSpec.parse(team.spec);
      const mention = isGroup ? findMention(text, mentionables(team, spec)) : 'team';
      if (mention === undefined) return { ...base, runs: [] };
      const planned = planTurn(spec, {
        teamName: team.metadata.name,
        ...(typeof mention === 'number' ? { mentioned: mention } : {}),
      });
      const runs = await Promise.all(
        planned.map(async ({ memberIndex, member }) => {
          const bot = await resolveReference(store, 'Bot', member.botRef, team.metadata.namespace);
          if (!bot) throw missing(team, 'Bot', member.botRef.name);
          const botSpec = BotSpec.parse(bot.spec);
          const shell = await resolveReference(store, 'Shell', botSpec.shellRef, bot.metadata.namespace);
          if (!shell) throw missing(team, 'Shell', botSpec.shellRef.name);
          const { shellType, retry } = ShellSpec.parse(shell.spec);
          if (!botSpec.modelRef && !override && shellType !== 'Dify') {
            throw new ApiError(
              'Invalid',
              `Bot "${bot.metadata.name}" has no Model. Choose a model for this message, or set one in the agent.`,
              {
                details: {
                  kind: 'Bot',
                  name: bot.metadata.name,
                  causes: [
                    { reason: 'FieldValueRequired', field: 'modelOverride', message: 'Required value' },
                  ],
                },
              },
            );
          }
          const modelName = override?.name ?? botSpec.modelRef?.name;
          return {
            memberIndex,
            memberPrompt: member.prompt,
            bot,
            model: modelName,
            shellType,
            maxAttempts: retry.maxAttempts,
          };
        }),
      );
      return { ...base, runs };
    },
  };
}

/** The rows of an answer that is about to be written: the message and one run for each planned member. */
export function answerRows(
  turn: PreparedTurn,
  { taskId, parentId, now }: { taskId: string; parentId: string; now: number },
): { message: MessageRow; executions: ExecutionRow[] } | undefined {
  const first = turn.runs[0];
  if (!first) return undefined;
  const message: MessageRow = {
    id: newId(),
    taskId,
    parentId,
    role: 'assistant',
    sender: { bot: { name: first.bot.metadata.name, namespace: first.bot.metadata.namespace } },
    text: '',
    blocks: [],
    status: 'pending',
    error: null,
    attachments: [],
    shellType: first.shellType,
    usage: null,
    clientMessageId: null,
    options: {},
    createdAt: now,
    finishedAt: null,
    queued: false,
  };
  const executions = turn.runs.map(
    (run): ExecutionRow => ({
      id: newId(),
      taskId,
      messageId: message.id,
      parentExecutionId: null,
      bot: { name: run.bot.metadata.name, namespace: run.bot.metadata.namespace },
      memberIndex: run.memberIndex,
      shellType: run.shellType,
      state: 'pending',
      attempt: 0,
      maxAttempts: run.maxAttempts,
      managerId: null,
      leaseUntil: null,
      lastSeq: 0,
      irreversible: false,
      error: null,
      usage: null,
      options: {
        ...(run.memberPrompt === undefined || run.memberPrompt === ''
          ? {}
          : { memberPrompt: run.memberPrompt }),
        ...(turn.modelOverride ? { modelOverride: turn.modelOverride } : {}),
        ...(turn.options ? { options: turn.options } : {}),
        ...(run.model === undefined ? {} : { model: run.model }),
      } satisfies RunOptions,
      createdAt: now,
      enqueuedAt: now,
      startedAt: null,
      finishedAt: null,
      cancelRequestedAt: null,
      cursor: null,
    }),
  );
  return { message, executions };
}

// In a group chat the Team and each of its members can be called by name.
function mentionables(team: ResourceObject, spec: TeamSpec): { name: string; target: number | 'team' }[] {
  return [
    { name: team.metadata.name, target: 'team' },
    ...spec.members.map((member, index) => ({ name: memberName(member), target: index })),
  ];
}

function missing(team: ResourceObject, kind: string, name: string): ApiError {
  return new ApiError(
    'Invalid',
    `Team "${team.metadata.name}" cannot answer: ${kind} "${name}" is not there any more. Choose another one in the agent, or make it again.`,
  );
}
