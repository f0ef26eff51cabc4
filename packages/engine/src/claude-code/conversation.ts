import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionSpec, ModelEndpoint } from '@wegent/api';
import { type AgentProcess, createAgentProcess, type ProcessEnd } from './agent-process.ts';
import { createInbox } from './inbox.ts';
import { type ClaudeMessage, readMessage } from './messages.ts';
import { type AgentSetting, agentOptions, claudeConfigFolder, settingKey } from './options.ts';
import type { ClaudeInput, ClaudeQuery, ClaudeSdk } from './sdk.ts';
import type { SessionStart } from './session-book.ts';
import { createToolGate, type ToolGate } from './tool-gate.ts';

/** Gets what the agent says, one after another; `undefined` is a message that we do not know. */
export type MessageListener = (message: ClaudeMessage | undefined) => Promise<void> | void;

/** An agent process with its session. It serves one turn at a time. */
export interface Conversation {
  readonly key: string;
  readonly gate: ToolGate;
  /** Known once the agent has begun its first turn. */
  readonly sessionId: string | undefined;
  /** Where it was told to go on. */
  readonly start: SessionStart;
  readonly stderrTail: string;
  /** Resolves when the process has ended. */
  readonly ended: Promise<ProcessEnd>;
  readonly isOver: boolean;
  listen(listener: MessageListener | undefined): void;
  setPlanning(planning: boolean): Promise<void>;
  send(input: ClaudeInput): void;
  /** Stops the running turn; false when something that was sent would still run. */
  interrupt(): Promise<boolean>;
  /** Ends the process; it has a moment to do so by itself. */
  close(): Promise<void>;
  kill(): void;
}

const CLOSE_MS = 2_000;

/** Starts an agent process. It begins to work with the first input. */
export async function startConversation(given: {
  sdk: ClaudeSdk;
  setting: AgentSetting;
  model: ModelEndpoint;
  start: SessionStart;
  remembered: ExecutionSpec['approvals'];
}): Promise<Conversation> {
  const { sdk, setting, model, start, remembered } = given;
  const gate = createToolGate({ remembered, plansFolder: `${claudeConfigFolder(setting.homeFolder)}/plans` });
  const agent = createAgentProcess();
  const inbox = createInbox<ClaudeInput>();
  const options = await agentOptions(setting, model, {
    canUseTool: gate.canUseTool,
    hooks: gate.hooks,
    spawnClaudeCodeProcess: agent.spawn,
  });
  const query = sdk.query({ prompt: inbox, options: { ...options, ...sessionOptions(start) } });

  let listener: MessageListener | undefined;
  let sessionId = start.resume && !start.resume.fork ? start.resume.sessionId : undefined;
  let isOver = false;
  let planning = setting.spec.options.plan === true;
  const hear: MessageListener = (message) => {
    if (message?.type === 'system' && message.subtype === 'init') sessionId = message.session_id;
    return listener?.(message);
  };
  const ended = pump(query, hear, agent).then((end) => {
    isOver = true;
    return end;
  });
  return {
    key: settingKey(setting),
    gate,
    start,
    get sessionId() {
      return sessionId;
    },
    get stderrTail() {
      return agent.stderrTail;
    },
    get isOver() {
      return isOver;
    },
    ended,
    listen: (next) => {
      listener = next;
    },
    setPlanning: async (next) => {
      // After an approved plan the agent has left plan mode by itself.
      if (next || planning) await query.setPermissionMode(next ? 'plan' : 'default');
      planning = next;
    },
    send: (input) => inbox.push(input),
    interrupt: async () => {
      const receipt = await query.interrupt().catch(() => ({ still_queued: ['unknown'] }));
      return (receipt?.still_queued ?? []).length === 0;
    },
    close: async () => {
      listener = undefined;
      inbox.end();
      await Promise.race([ended, delay(CLOSE_MS, undefined, { ref: false })]);
      if (!isOver) agent.kill();
      await ended;
    },
    kill: agent.kill,
  };
}

function sessionOptions({ resume }: SessionStart) {
  if (!resume) return {};
  return {
    resume: resume.sessionId,
    ...(resume.fork ? { forkSession: true } : {}),
    ...(resume.at === undefined ? {} : { resumeSessionAt: resume.at }),
  };
}

/** Reads until the agent has ended. What the SDK throws then only repeats how it ended. */
async function pump(query: ClaudeQuery, hear: MessageListener, agent: AgentProcess): Promise<ProcessEnd> {
  try {
    for await (const message of query) await hear(readMessage(message));
  } catch (cause) {
    // Nothing was started, or the process lives on although the SDK gave up on it.
    if (agent.pid === undefined)
      return { code: null, signal: null, error: cause instanceof Error ? cause : new Error(String(cause)) };
    await Promise.race([agent.ended, delay(CLOSE_MS, undefined, { ref: false })]);
    agent.kill();
  }
  return agent.ended;
}
