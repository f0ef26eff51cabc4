import {
  ApiError,
  BotSpec,
  GhostSpec,
  memberName,
  type ObjectReference,
  type ResourceObject,
  ShellSpec,
  type ShellType,
  type TaskOptions,
  TeamSpec,
} from '@wegent/api';
import type { Store, TaskRow } from '@wegent/store';
import type { Access } from '../access/access.ts';
import { type Principal, principalOfUser } from '../auth/principal.ts';
import type { AnswerPlan } from '../executions/answer-plan.ts';
import { misfitOfParts } from '../executions/model-fit.ts';
import { runsNatively } from '../executions/native-team.ts';
import { planTurn } from '../executions/plan-turn.ts';
import { describeExisting, resolveReference } from '../resources/references.ts';
import { placeOf } from './answer-rows.ts';
import { findMention } from './mentions.ts';
import { missing, modelless, unfit } from './turn-refusals.ts';

/** A member that is to answer. */
interface PreparedRun {
  memberIndex: number;
  name: string;
  description: string;
  memberPrompt: string | undefined;
  bot: ResourceObject;
  model: string | undefined;
  shell: ObjectReference;
  shellType: ShellType;
  maxAttempts: number;
}

/** Everything that is known about a turn before anything is written. */
export interface PreparedTurn {
  team: ResourceObject;
  /** Empty when nobody is called in a group chat. */
  runs: PreparedRun[];
  /** How the members of a Team of several work together; `runs` are all of them then, and the plan says who begins. */
  plan?: AnswerPlan;
  /** The Team says how many of its turns run at once: admission decides when this one begins. */
  isLimited: boolean;
  modelOverride: ObjectReference | undefined;
  options: TaskOptions | undefined;
}

/** Characters of a prompt that describe a member. */
const MAX_DESCRIPTION = 300;

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

  /** Finds a member's Bot and what it is made of, and refuses what could not answer. */
  async function loadMember({
    team,
    spec,
    memberIndex,
    override,
  }: {
    team: ResourceObject;
    spec: TeamSpec;
    memberIndex: number;
    override: ObjectReference | undefined;
  }): Promise<PreparedRun> {
    const member = spec.members[memberIndex];
    if (!member) throw new ApiError('Invalid', `the Team has no member ${memberIndex + 1}`);
    const bot = await resolveReference(store, 'Bot', member.botRef, team.metadata.namespace);
    if (!bot) throw missing(team, 'Bot', member.botRef.name);
    const botSpec = BotSpec.parse(bot.spec);
    const shell = await resolveReference(store, 'Shell', botSpec.shellRef, bot.metadata.namespace);
    if (!shell) throw missing(team, 'Shell', botSpec.shellRef.name);
    const shellSpec = ShellSpec.parse(shell.spec);
    const { shellType, retry } = shellSpec;
    if (!botSpec.modelRef && !override && shellType !== 'Dify') throw modelless(bot);
    const ghost = await resolveReference(store, 'Ghost', botSpec.ghostRef, bot.metadata.namespace);
    if (!ghost) throw missing(team, 'Ghost', botSpec.ghostRef.name);
    const chosen = modelOf(shellType, { own: botSpec.modelRef, override });
    const model = chosen && (await resolveReference(store, 'Model', chosen, bot.metadata.namespace));
    if (chosen && !model) throw missing(team, 'Model', chosen.name);
    const misfit = misfitOfParts({ bot, shell, shellSpec, model });
    if (misfit !== undefined)
      throw unfit(team, misfit, override ? 'modelOverride' : `spec.members[${memberIndex}].botRef`);
    return {
      memberIndex,
      name: memberName(member),
      description: member.description ?? describeMember(member.prompt, ghost),
      memberPrompt: member.prompt,
      bot,
      model: chosen?.name,
      shell: placeOf(shell),
      shellType,
      maxAttempts: retry.maxAttempts,
    };
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
      const spec = TeamSpec.parse(team.spec);
      const isLimited = spec.limits?.turns !== undefined;
      const base = { team, isLimited, modelOverride: override, options };
      const mention = isGroup ? findMention(text, mentionables(team, spec)) : 'team';
      if (mention === undefined) return { ...base, runs: [] };
      const planned = planTurn(spec, { mentioned: typeof mention === 'number' ? mention : undefined });
      const load = (memberIndex: number) => loadMember({ team, spec, memberIndex, override });
      if (planned.mode === 'solo') return { ...base, runs: [await load(planned.memberIndex)] };
      const runs = await Promise.all([...spec.members.keys()].map(load));
      const {
        parallel = planned.mode === 'coordinate' ? 4 : 8,
        delegations = 16,
        costUsd,
      } = spec.limits ?? {};
      const plan: AnswerPlan = {
        ...planned,
        members: runs.map(({ memberPrompt, bot, model, ...run }, index) => ({
          name: run.name,
          description: run.description,
          bot: placeOf(bot),
          shellType: run.shellType,
          maxAttempts: run.maxAttempts,
          requireConfirmation: spec.members[index]?.requireConfirmation === true,
          ...(memberPrompt ? { prompt: memberPrompt } : {}),
          ...(model === undefined ? {} : { model }),
        })),
        ...(runsNatively(planned, runs) ? { native: true } : {}),
        rounds: spec.rounds ?? 2,
        limits: { parallel, delegations, ...(costUsd === undefined ? {} : { costUsd }) },
        ...(override ? { modelOverride: override } : {}),
        ...(options ? { options } : {}),
      };
      return { ...base, runs, plan };
    },
  };
}

// In a group chat the Team and each of its members can be called by name.
function mentionables(team: ResourceObject, spec: TeamSpec): { name: string; target: number | 'team' }[] {
  return [
    { name: team.metadata.name, target: 'team' },
    ...spec.members.map((member, index) => ({ name: memberName(member), target: index })),
  ];
}

// A Bot of Dify stands for its application: what is chosen for a message or a Team does not change that.
function modelOf(
  shellType: ShellType,
  { own, override }: { own: ObjectReference | undefined; override: ObjectReference | undefined },
): ObjectReference | undefined {
  return shellType === 'Dify' ? (own ?? override) : (override ?? own);
}

// What a leader reads of a member that nobody described: how its prompts begin.
function describeMember(prompt: string | undefined, ghost: ResourceObject): string {
  return (prompt || GhostSpec.parse(ghost.spec).systemPrompt).slice(0, MAX_DESCRIPTION);
}
