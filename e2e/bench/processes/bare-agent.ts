import { type ChildProcess, spawn } from 'node:child_process';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { pathToFileURL } from 'node:url';
import { serveParent } from '../child.ts';

/** Where the engine and its model are, and a folder for what it keeps. */
interface Setting {
  enginesFolder: string;
  modelUrl: string;
  folder: string;
}

/** The part of the Agent SDK that is used here. */
interface Sdk {
  query(given: { prompt: AsyncIterable<object>; options: object }): AsyncIterable<Said>;
}

interface Said {
  type: string;
  event?: { type: string };
}

interface Agent {
  pid: number;
  /** When its start began. */
  started: number;
  /** Waits for a whole answer; milliseconds to its first word, the first time from the start of the process. */
  ask(): Promise<number>;
  close(): Promise<void>;
}

const SDK = 'claude-code/node_modules/@anthropic-ai/claude-agent-sdk';
/** By then a process has done all that it does before the first message. */
const AHEAD_MS = 2_000;
const PROMPT = '[[say Ready.]]';
/** What the product gives as well. */
const TOOLS = ['Agent', 'AskUserQuestion', 'Bash', 'Edit', 'Glob', 'Grep', 'Read', 'TodoWrite', 'Write'];

let kept: Agent | undefined;

/** A new process for one answer: milliseconds from starting it to the first word. */
async function start(setting: Setting): Promise<number> {
  const agent = await startAgent(setting);
  const first = await agent.ask();
  await agent.close();
  return first;
}

/** The same by a process that was started ahead: milliseconds from the message to the first word. */
async function startAhead(setting: Setting): Promise<number> {
  const agent = await startAgent(setting);
  await delay(AHEAD_MS);
  const late = performance.now() - agent.started;
  const first = (await agent.ask()) - late;
  await agent.close();
  return first;
}

/** Starts a process that `again` talks to; answers its pid. It is up when it has answered once. */
async function keep(setting: Setting): Promise<number> {
  kept = await startAgent(setting);
  await kept.ask();
  return kept.pid;
}

/** The next message to the process that was kept: milliseconds to the first word. */
async function again(): Promise<number> {
  if (!kept) throw new Error('no process was kept');
  return kept.ask();
}

async function close(): Promise<void> {
  await kept?.close();
  kept = undefined;
}

/** So many answers, each by a process of its own, in loops beside each other: milliseconds for all. */
async function many({ setting, count, loops }: { setting: Setting; count: number; loops: number }) {
  const started = performance.now();
  let left = count;
  const loop = async () => {
    while (left-- > 0) await start(setting);
  };
  await Promise.all(Array.from({ length: loops }, loop));
  return performance.now() - started;
}

async function startAgent({ enginesFolder, modelUrl, folder }: Setting): Promise<Agent> {
  const sdk = (await import(pathToFileURL(path.join(enginesFolder, SDK, 'sdk.mjs')).href)) as Sdk;
  const home = await mkdtemp(path.join(folder, 'agent-'));
  const work = path.join(home, 'project');
  await mkdir(work);
  const inbox = createInbox();
  let child: ChildProcess | undefined;
  const started = performance.now();
  let asked = 0;
  const said = sdk
    .query({
      prompt: inbox,
      options: {
        cwd: work,
        model: 'demo',
        settingSources: [],
        strictMcpConfig: true,
        includePartialMessages: true,
        permissionMode: 'default',
        tools: TOOLS,
        systemPrompt: { type: 'preset', preset: 'claude_code', append: 'You work on code.' },
        env: environmentOf(home, modelUrl),
        stderr: () => undefined,
        spawnClaudeCodeProcess: ({ command, args, cwd, env }: SpawnRequest) => {
          child = spawn(command, args, { cwd, env, stdio: ['pipe', 'pipe', 'ignore'] });
          return child;
        },
      },
    })
    [Symbol.asyncIterator]();
  return {
    started,
    get pid() {
      return child?.pid ?? 0;
    },
    async ask() {
      const from = asked++ === 0 ? started : performance.now();
      inbox.push();
      let first = Number.NaN;
      for (;;) {
        const { value, done } = await said.next();
        if (done === true) throw new Error('the agent ended before its answer');
        if (Number.isNaN(first) && value.event?.type === 'content_block_delta')
          first = performance.now() - from;
        if (value.type === 'result') return first;
      }
    },
    async close() {
      inbox.end();
      while (!(await said.next()).done);
      await rm(home, { recursive: true, force: true, maxRetries: 3 });
    },
  };
}

interface SpawnRequest {
  command: string;
  args: string[];
  cwd?: string;
  env: NodeJS.ProcessEnv;
}

/** Nothing of this leaves the machine. */
function environmentOf(home: string, modelUrl: string): Record<string, string> {
  return {
    PATH: '/usr/local/bin:/usr/bin:/bin',
    LANG: 'C.UTF-8',
    HOME: home,
    CLAUDE_CONFIG_DIR: path.join(home, '.claude'),
    ANTHROPIC_BASE_URL: modelUrl,
    ANTHROPIC_AUTH_TOKEN: 'any',
    ANTHROPIC_MODEL: 'demo',
    CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC: '1',
    DISABLE_AUTOUPDATER: '1',
    ENABLE_TOOL_SEARCH: 'false',
    CLAUDE_CODE_DISABLE_BACKGROUND_TASKS: '1',
    CLAUDE_CODE_DISABLE_CRON: '1',
    CLAUDE_CODE_DISABLE_WORKFLOWS: '1',
    CLAUDE_CODE_DISABLE_AUTO_MEMORY: '1',
    CLAUDE_CODE_DISABLE_BUNDLED_SKILLS: '1',
    IS_SANDBOX: '1',
  };
}

function createInbox() {
  let sent = 0;
  let ended = false;
  let changed = Promise.withResolvers<void>();
  const wake = () => {
    changed.resolve();
    changed = Promise.withResolvers();
  };
  return {
    push() {
      sent += 1;
      wake();
    },
    end() {
      ended = true;
      wake();
    },
    async *[Symbol.asyncIterator]() {
      for (let given = 0; ; ) {
        if (given < sent) {
          given += 1;
          yield {
            type: 'user',
            uuid: crypto.randomUUID(),
            parent_tool_use_id: null,
            message: { role: 'user', content: [{ type: 'text', text: PROMPT }] },
          };
        } else if (ended) return;
        else await changed.promise;
      }
    },
  };
}

const handlers = { start, startAhead, keep, again, close, many };
/** What this process is asked for. */
export type BareAgentHandlers = typeof handlers;
serveParent(handlers);
