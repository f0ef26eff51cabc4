import type { ExecutionSpec, ModelEndpoint } from '@wegent/api';
import type { Engine } from '../engine.ts';
import { RunFailure } from '../run-failure.ts';
import type { SandboxTurn } from '../sandbox-turn.ts';
import { type Conversation, startConversation } from './conversation.ts';
import { type AgentSetting, settingKey } from './options.ts';
import { runInConversation, SessionGone } from './run-in-conversation.ts';
import { loadClaudeSdk } from './sdk.ts';
import { openSessionBook, planStart, type SessionStart } from './session-book.ts';

/** Settings of the Claude Code engine. */
export interface ClaudeCodeOptions {
  /** The engine lies in `claude-code` below it. */
  enginesFolder: string;
  /** Milliseconds that an agent process stays up after a turn; 600,000 by default. */
  idleMs?: number;
}

const IDLE_MS = 600_000;
/** Processes that wait for a next turn; each takes some 200 MB. */
const MAX_IDLE = 2;

interface Idle {
  conversation: Conversation;
  timer: NodeJS.Timeout;
}

/**
 * Claude Code on a work tree, through the Agent SDK. Between turns the process stays up, so that a follow-up need not
 * wait for its start; sessions lie below HOME and are found again after the process, or the sandbox, is gone.
 */
export function createClaudeCodeEngine({
  enginesFolder,
  idleMs = IDLE_MS,
}: ClaudeCodeOptions): Engine<SandboxTurn> {
  const idle = new Map<string, Idle>();
  const live = new Set<Conversation>();
  // Kept here and not in HOME, where the agent could allow itself what it likes.
  const remembered = new Map<string, ExecutionSpec['approvals']>();

  const rulesOf = ({ taskId }: ExecutionSpec) => {
    const rules = remembered.get(taskId) ?? [];
    remembered.set(taskId, rules);
    return rules;
  };
  const start = async (setting: AgentSetting, model: ModelEndpoint, from: SessionStart) => {
    const sdk = await loadClaudeSdk(enginesFolder);
    const conversation = await startConversation({
      ...{ sdk, setting, model, start: from },
      remembered: rulesOf(setting.spec),
    });
    live.add(conversation);
    void conversation.ended.then(() => live.delete(conversation));
    return conversation;
  };
  const takeIdle = (bot: string): Conversation | undefined => {
    const found = idle.get(bot);
    if (!found) return undefined;
    idle.delete(bot);
    clearTimeout(found.timer);
    return found.conversation;
  };
  const keep = (bot: string, conversation: Conversation) => {
    if (conversation.isOver) return;
    const timer = setTimeout(() => {
      if (idle.get(bot)?.conversation === conversation) idle.delete(bot);
      void conversation.close();
    }, idleMs);
    timer.unref();
    void takeIdle(bot)?.close();
    idle.set(bot, { conversation, timer });
    const [oldest] = idle.keys();
    if (idle.size > MAX_IDLE && oldest !== undefined) void takeIdle(oldest)?.close();
  };
  const conversationFor = async (setting: AgentSetting, model: ModelEndpoint, from: SessionStart) => {
    const waiting = takeIdle(botOf(setting.spec));
    if (waiting && fits(waiting, setting, from)) return waiting;
    const closing = waiting?.close();
    const made = await start(setting, model, from);
    await closing;
    return made;
  };

  return {
    shellType: 'ClaudeCode',
    placement: 'sandbox',
    run: async (turn) => {
      const model = modelOf(turn.spec);
      await loadClaudeSdk(enginesFolder);
      const book = await openSessionBook(turn.homeFolder, turn.spec.bot);
      let from = planStart(turn.spec, book.content);
      for (;;) {
        turn.signal.throwIfAborted();
        const conversation = await conversationFor(turn, model, from);
        const end = await runInConversation({ turn, model, conversation, book, retell: from.retell });
        if (end.reusable) keep(botOf(turn.spec), conversation);
        else await stop(conversation);
        if (!end.failure) return;
        if (!(end.failure.cause instanceof SessionGone)) throw end.failure.cause;
        from = { retell: turn.spec.history };
      }
    },
    load: () =>
      loadClaudeSdk(enginesFolder).then(
        () => undefined,
        () => undefined,
      ),
    prewarm: async ({ spec, workFolder, homeFolder, gatewayUrl, env }) => {
      try {
        const setting = { spec, workFolder, homeFolder, gatewayUrl, env };
        const book = await openSessionBook(homeFolder, spec.bot);
        if (idle.has(botOf(spec))) return;
        keep(botOf(spec), await start(setting, modelOf(spec), planStart(spec, book.content)));
      } catch {
        // The turn meets the same and reports it.
      }
    },
    close: async () => {
      for (const bot of [...idle.keys()]) takeIdle(bot);
      await Promise.all([...live].map(stop));
    },
  };
}

function botOf({ bot }: ExecutionSpec): string {
  return `${bot.namespace ?? ''}/${bot.name}`;
}

/** Has the process the options that the turn needs, and is its session where the turn goes on? */
function fits(conversation: Conversation, setting: AgentSetting, { resume }: SessionStart): boolean {
  if (conversation.isOver || conversation.key !== settingKey(setting)) return false;
  const { sessionId, start } = conversation;
  // One that has not begun is where it was told to go.
  if (sessionId === undefined || start.resume?.fork)
    return JSON.stringify(start.resume) === JSON.stringify(resume);
  return resume !== undefined && !resume.fork && resume.sessionId === sessionId;
}

/** Nothing of it may work on after its turn. */
async function stop(conversation: Conversation): Promise<void> {
  conversation.kill();
  await conversation.close();
}

function modelOf({ model, bot }: ExecutionSpec): ModelEndpoint {
  if (model?.protocol === 'anthropic') return model;
  const message = model
    ? `Claude Code needs a Model with the protocol of Anthropic (“claude”), and “${model.name}” speaks ${model.protocol}. Choose another Model, or a Shell of type Chat.`
    : `The Bot “${bot.name}” has no model. Choose one in its settings.`;
  throw new RunFailure({ reason: 'ModelBadRequest', message, retryable: false });
}
