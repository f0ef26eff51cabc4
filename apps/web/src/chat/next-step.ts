import type { RunErrorReason } from '@wegent/api';

/** What a person can do about a failed answer; `none` where only somebody else can. */
export type NextStep = 'open-models' | 'open-git' | 'open-executors' | 'retry' | 'new-chat' | 'none';

/** The next step for each reason; the type makes a forgotten reason a compile error. */
export const NEXT_STEPS: Record<RunErrorReason, NextStep> = {
  ModelAuth: 'open-models',
  ModelBadRequest: 'open-models',
  ModelRateLimit: 'retry',
  ModelOverloaded: 'retry',
  ModelUnavailable: 'retry',
  ContextTooLong: 'new-chat',
  BudgetExceeded: 'none',
  EngineNotInstalled: 'open-executors',
  EngineCrashed: 'retry',
  SandboxFailed: 'retry',
  SandboxOutOfMemory: 'retry',
  GitAuth: 'open-git',
  GitFailed: 'retry',
  ToolFailed: 'retry',
  Timeout: 'retry',
  LeaseLost: 'retry',
  Cancelled: 'retry',
  Internal: 'retry',
};
