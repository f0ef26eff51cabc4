import { readFile, writeFile } from 'node:fs/promises';
import { resolve, sep } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { ExecutionSpec } from '@wegent/api';
import { z } from 'zod';
import type { InputDesk } from '../input-desk.ts';
import { decideCall, isToolAllowed, type ToolIdentity } from '../tool-rules.ts';
import { askQuestions } from './ask-questions.ts';
import { newestFile } from './newest-file.ts';
import type { ClaudeOptions, PermissionAnswer } from './sdk.ts';
import { toolTitle } from './tool-title.ts';

/** The turn for which the gate decides. */
export interface GateTurn {
  spec: ExecutionSpec;
  workFolder: string;
  desk: InputDesk;
  /** Resolves once the call stands among the events. */
  called(toolUseId: string): Promise<void>;
}

/** Decides about every tool call of an agent process, also of those that only read. */
export interface ToolGate extends Pick<ClaudeOptions, 'canUseTool' | 'hooks'> {
  /** From now on it decides for this turn; without one it refuses everything. */
  serve(turn: GateTurn | undefined): void;
}

interface GateOptions {
  /** Rules that people made by their decisions; the gate adds to them. */
  remembered: ExecutionSpec['approvals'];
  plansFolder: string;
}

const CALLED_MS = 1_000;
const PLAN_MESSAGE =
  'You are still planning: nothing may be changed before the person has approved the plan. Write the plan, then call ExitPlanMode.';

const HookInput = z.object({
  tool_name: z.string(),
  tool_input: z.unknown().optional(),
  tool_use_id: z.string(),
});
/** Makes the gate of an agent process. */
export function createToolGate({ remembered, plansFolder }: GateOptions): ToolGate {
  let turn: GateTurn | undefined;
  let planning = false;
  let since = 0;

  const decide = (serving: GateTurn, tool: string, input: unknown): 'ask' | 'allow' | 'deny' | undefined => {
    const identity = identityOf(tool);
    if (!isToolAllowed(serving.spec.tools, identity)) return 'deny';
    return decideCall([...remembered, ...serving.spec.approvals], { ...identity, input });
  };

  const hook = async (raw: unknown): Promise<Record<string, unknown>> => {
    const { tool_name: tool, tool_input: input } = HookInput.parse(raw);
    if (!turn) return verdict('deny', 'No turn is running.');
    const decision = decide(turn, tool, input);
    if (decision === 'deny') return verdict('deny', forbidden(tool));
    // These two wait for a person anyway.
    if (tool === 'AskUserQuestion' || tool === 'ExitPlanMode') return {};
    if (decision === 'ask') return verdict('ask', 'A rule of this agent asks for approval.');
    return planning ? {} : verdict('allow', 'No rule is against it.');
  };

  const canUseTool: ClaudeOptions['canUseTool'] = async (tool, input, { toolUseID }) => {
    const serving = turn;
    if (!serving) return deny('No turn is running.');
    await Promise.race([serving.called(toolUseID), delay(CALLED_MS)]);
    try {
      if (tool === 'AskUserQuestion') {
        const answered = await askQuestions(serving.desk, input);
        return answered ? allow(answered) : deny('The questions have no valid form.');
      }
      if (tool === 'ExitPlanMode') return await askPlan(serving, input);
      const decision = decide(serving, tool, input);
      if (decision === 'deny') return deny(forbidden(tool));
      if (planning) return isInside(plansFolder, input.file_path) ? allow(input) : deny(PLAN_MESSAGE);
      return decision === 'ask' ? await askCall(serving, tool, input) : allow(input);
    } catch {
      return deny('The turn was stopped.');
    }
  };

  const askCall = async (serving: GateTurn, tool: string, input: Record<string, unknown>) => {
    const answer = await serving.desk.askApproval({
      tool,
      title: toolTitle(tool, input, serving.workFolder),
      input,
      reason: 'A rule of this agent asks for approval.',
    });
    if (answer.decision === 'deny') return deny(answer.message);
    if (answer.remember) remembered.unshift(answer.remember);
    return allow(recordOf(answer.updatedInput) ?? input);
  };

  const askPlan = async (serving: GateTurn, input: Record<string, unknown>) => {
    if (!planning) return allow(input);
    const file = await newestFile(plansFolder, since);
    const written = file === undefined ? '' : await readFile(file, 'utf8').catch(() => '');
    const plan = typeof input.plan === 'string' && input.plan !== '' ? input.plan : written;
    const answer = await serving.desk.askApproval({
      tool: 'ExitPlanMode',
      title: 'Work by this plan',
      input: { ...input, plan },
      reason: 'The plan has to be approved before work begins.',
    });
    if (answer.decision === 'deny') return deny(answer.message);
    planning = false;
    const edited = recordOf(answer.updatedInput);
    if (typeof edited?.plan === 'string' && edited.plan !== plan && file !== undefined)
      await writeFile(file, edited.plan);
    return allow(edited ?? input);
  };

  return {
    canUseTool,
    hooks: { PreToolUse: [{ hooks: [hook] }] },
    serve: (next) => {
      turn = next;
      planning = next?.spec.options.plan === true;
      since = Date.now();
    },
  };
}

/** A tool of Claude Code by all its names. */
export function identityOf(name: string): ToolIdentity {
  const [, server, tool] = /^mcp__(.+?)__(.+)$/.exec(name) ?? [];
  return server === undefined || tool === undefined
    ? { name, server: '', tool: name }
    : { name, server, tool };
}

function isInside(folder: string, path: unknown): boolean {
  return typeof path === 'string' && resolve(path).startsWith(folder + sep);
}

function recordOf(value: unknown): Record<string, unknown> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? { ...value } : undefined;
}

function forbidden(tool: string): string {
  return `A rule of this agent forbids this call of ${tool}. It was not made.`;
}

function verdict(permissionDecision: 'allow' | 'deny' | 'ask', permissionDecisionReason: string) {
  return {
    hookSpecificOutput: { hookEventName: 'PreToolUse', permissionDecision, permissionDecisionReason },
  };
}

function allow(updatedInput: Record<string, unknown>): PermissionAnswer {
  return { behavior: 'allow', updatedInput };
}

function deny(message: string): PermissionAnswer {
  return { behavior: 'deny', message };
}
