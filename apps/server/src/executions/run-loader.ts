import {
  ApiError,
  BotSpec,
  type ExecutionSpec,
  GhostSpec,
  type ModelEndpoint,
  type ObjectReference,
  PUBLIC_NAMESPACE,
  type SandboxContext,
  ShellSpec,
  type SpecMessage,
  textOf,
} from '@wegent/api';
import type { ExecutionRow, MessageRow, Store, TaskRow } from '@wegent/store';
import { RunOptions } from '../chat/turn-options.ts';
import { modelEndpoint } from '../models/model-endpoint.ts';
import type { SecretBox } from '../resources/secret-box.ts';
import { foldEvents } from '../tasks/conversation.ts';
import type { WorkspaceService } from '../workspaces/workspace.service.ts';
import { AnswerOptions, type AnswerPlan } from './answer-plan.ts';
import { type CompileInput, compile, sandboxContext } from './compile.ts';
import { findSession } from './find-session.ts';
import { loadSkills } from './load-skills.ts';
import { type MemberInput, memberInput } from './member-input.ts';
import { compileTeam } from './native-team.ts';
import { isUnrestricted } from './outbound-rule.ts';
import { requireObject, typed } from './run-parts.ts';
import { sandboxBot } from './sandbox-bot.ts';
import { runsInSandbox } from './sandbox-shells.ts';

/** Messages of the past that a run gets at most; the engine trims them to the model's window. */
const MAX_HISTORY = 400;
/** Decisions for the rest of a task that a run gets at most. */
const MAX_REMEMBERED = 200;

/** Loads and compiles runs. */
export type RunLoader = ReturnType<typeof createRunLoader>;

/** Reads everything that a run is made of, opens the secrets and compiles the self-contained document. */
export function createRunLoader({
  store,
  secrets,
  workspaces,
  modelEnvironment,
  outboundAllow,
}: {
  store: Store;
  secrets: SecretBox;
  workspaces: Pick<WorkspaceService, 'load'>;
  /** Variables that `${NAME}` in public Models may take. */
  modelEnvironment: Record<string, string | undefined>;
  outboundAllow: readonly string[];
}) {
  async function load(execution: ExecutionRow, task: TaskRow): Promise<ExecutionSpec> {
    const run = RunOptions.parse(execution.options);
    const own = await loadAgent(execution.bot, { override: run.modelOverride, task });
    const { bot, ghost, shell, model } = own;
    const answer = await store.messages.get(execution.messageId);
    const path = answer?.parentId
      ? await store.messages.path(task.id, answer.parentId, { limit: MAX_HISTORY })
      : [];
    const question = path.at(-1);
    if (!question) throw new ApiError('NotFound', 'the message that this run answers is gone');
    const owner = await store.users.get(task.ownerId);
    const past = await Promise.all(path.slice(0, -1).map((row) => withTextSoFar(store, row)));
    const history = await toSpecMessages(store, past, { isGroup: task.isGroup, bot: execution.bot });
    const [asked = { role: 'user' as const, text: '' }] = await toSpecMessages(store, [question], {
      isGroup: task.isGroup,
      bot: execution.bot,
    });
    const plan = answer && AnswerOptions.parse(answer.options).plan;
    const part = plan && (await memberPart(store, { execution, plan, question: asked }));
    const others = plan?.native ? plan.others.flatMap((index) => plan.members[index] ?? []) : [];
    const members = await Promise.all(
      others.map((member) => loadAgent(member.bot, { override: run.modelOverride, task })),
    );
    const isSandboxed = runsInSandbox(shell.spec.shellType);
    const workspace = isSandboxed ? await workspaces.load(task, owner) : undefined;
    const input: CompileInput = {
      execution,
      task: {
        namespace: task.namespace,
        type: task.type,
        owner: { userId: task.ownerId, name: owner?.username ?? '' },
      },
      bot,
      ghost,
      shell,
      model: model?.endpoint,
      outboundAllow: isUnrestricted(owner, [
        ...[own, ...members].flatMap(placesOf),
        ...(workspace ? [workspace.namespace] : []),
      ])
        ? undefined
        : outboundAllow,
      memberPrompt: [run.memberPrompt, part?.note].filter(Boolean).join('\n\n'),
      remembered: await store.approvals.remembered(task.id, MAX_REMEMBERED),
      history: part?.withHistory === false ? [] : history,
      input: part?.input ?? asked,
      team: part?.team,
      session:
        part?.withHistory === false ? undefined : await findSession(store, execution, { path, history }),
      options: run.options ?? {},
      skills: await loadSkills(store, ghost),
      workspace: workspace?.spec,
      egress: workspace?.egress ?? [],
    };
    const parts = members.map((member) => ({ ...member, model: member.model?.endpoint }));
    const nativeTeam = plan && compileTeam(plan, { leader: input, parts });
    return { ...compile(input), ...(nativeTeam ? { nativeTeam } : {}) };
  }

  /** What the sandbox of a task is made for, where no run says so: the Shell is that of its newest run there. */
  async function loadSandbox(task: TaskRow): Promise<SandboxContext> {
    const bot = await sandboxBot(store, task);
    const shell = typed(
      ShellSpec,
      await requireObject(store, 'Shell', bot.spec.shellRef, bot.metadata.namespace),
    );
    const owner = await store.users.get(task.ownerId);
    const workspace = await workspaces.load(task, owner);
    return sandboxContext({
      task,
      shell,
      workspace: workspace?.spec,
      egress: workspace?.egress ?? [],
      outboundAllow: isUnrestricted(owner, workspace ? [workspace.namespace] : [])
        ? undefined
        : outboundAllow,
    });
  }

  /** A Bot with what it is made of. */
  async function loadAgent(
    reference: ObjectReference,
    { override, task }: { override: ObjectReference | undefined; task: TaskRow },
  ): Promise<Agent> {
    const bot = typed(BotSpec, await requireObject(store, 'Bot', reference, task.namespace));
    const from = bot.metadata.namespace;
    const ghost = typed(
      GhostSpec,
      secrets.unseal(await requireObject(store, 'Ghost', bot.spec.ghostRef, from)),
    );
    const shell = typed(ShellSpec, await requireObject(store, 'Shell', bot.spec.shellRef, from));
    // A Bot of Dify stands for its application; what is chosen for a whole Team does not change that.
    const isApplication = shell.spec.shellType === 'Dify' && bot.spec.modelRef !== undefined;
    const chosen = isApplication ? undefined : override;
    const model = chosen ?? bot.spec.modelRef;
    return {
      ...{ bot, ghost, shell },
      model: model && (await loadModel(model, chosen ? task.namespace : from)),
    };
  }

  async function loadModel(reference: ObjectReference, from: string): Promise<NonNullable<Agent['model']>> {
    const object = await requireObject(store, 'Model', reference, from);
    const isPublic = object.metadata.namespace === PUBLIC_NAMESPACE;
    const endpoint = modelEndpoint(secrets.unseal(object), isPublic ? modelEnvironment : {});
    return { endpoint, namespace: object.metadata.namespace };
  }

  return { load, loadSandbox };
}

/** What a run of a Team's turn is told; `undefined` of a solo answer. */
async function memberPart(
  store: Store,
  { execution, plan, question }: { execution: ExecutionRow; plan: AnswerPlan; question: SpecMessage },
): Promise<MemberInput | undefined> {
  const { messageId } = execution;
  const runs = (await store.executions.ofMessage(messageId)).flatMap((row) => {
    const { step } = RunOptions.parse(row.options);
    return step ? [{ ...row, step }] : [];
  });
  const run = runs.find(({ id }) => id === execution.id);
  if (!run) return undefined;
  const { instruction } = RunOptions.parse(execution.options);
  const fold = foldEvents(await store.events.ofMessage(messageId));
  return memberInput({ plan, run, runs, question, instruction, fold });
}

/** A Bot with what it is made of, and where its Model comes from. */
interface Agent extends Pick<CompileInput, 'bot' | 'ghost' | 'shell'> {
  model: { endpoint: ModelEndpoint; namespace: string } | undefined;
}

/** Namespaces whose objects name addresses that the run asks. */
function placesOf({ ghost, model }: Agent): string[] {
  const hasServers = Object.keys(ghost.spec.mcpServers ?? {}).length > 0;
  return [...(model ? [model.namespace] : []), ...(hasServers ? [ghost.metadata.namespace] : [])];
}

async function toSpecMessages(
  store: Store,
  rows: readonly MessageRow[],
  { isGroup, bot }: { isGroup: boolean; bot: ExecutionRow['bot'] },
): Promise<SpecMessage[]> {
  const ids = rows.flatMap((row) => row.attachments.map((attachment) => attachment.id));
  const attachments = ids.length === 0 ? [] : await store.attachments.getMany(ids);
  return rows
    .filter((row) => row.text !== '' || row.attachments.length > 0)
    .map((row) => ({
      id: row.id,
      role: row.role,
      text: row.text,
      ...(isGroup && 'name' in row.sender ? { sender: row.sender.name } : {}),
      ...authorOf(row, bot),
      ...(row.attachments.length === 0
        ? {}
        : {
            attachments: attachments
              .filter((attachment) => row.attachments.some(({ id }) => id === attachment.id))
              .map(({ id, name, mediaType, size, text, blobKey }) => ({
                id,
                name,
                mediaType,
                size,
                ...(text === null ? {} : { text }),
                blobKey,
              })),
          }),
    }));
}

/** Who wrote an answer, by the name in its Team; nothing where it was the Bot itself. */
function authorOf({ sender, options }: MessageRow, bot: ExecutionRow['bot']): Pick<SpecMessage, 'author'> {
  if (!('bot' in sender) || isSameBot(sender.bot, bot)) return {};
  const { plan } = AnswerOptions.parse(options);
  const member = plan?.members.find((one) => isSameBot(one.bot, sender.bot));
  return { author: member?.name ?? sender.bot.name };
}

function isSameBot(one: ObjectReference, other: ObjectReference): boolean {
  return one.name === other.name && one.namespace === other.namespace;
}

// An answer that has just ended, or that is still being written in a group chat, has no text of its own yet.
async function withTextSoFar(store: Store, row: MessageRow): Promise<MessageRow> {
  if (row.role !== 'assistant' || row.finishedAt !== null) return row;
  return { ...row, text: textOf(foldEvents(await store.events.ofMessage(row.id))) };
}
