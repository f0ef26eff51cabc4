import type { ShellType } from '@wegent/api';
import { type ChatEngineOptions, createChatEngine } from './chat/chat-engine.ts';
import { createDifyEngine, type DifyEngineOptions } from './dify/dify-engine.ts';
import type { Engine } from './engine.ts';
import { createMissingEngine } from './not-installed.ts';

/** One engine for each Shell type; a new type does not compile before it stands here. */
export type Engines = Record<ShellType, Engine>;

/** Settings of the engines. */
export interface EngineOptions {
  chat?: ChatEngineOptions;
  dify?: DifyEngineOptions;
  /** Engines whose turns run in a sandbox, as the manager reaches them; without them they are not installed. */
  sandbox?: { ClaudeCode?: Engine; Agno?: Engine };
}

/** Makes all engines. They open nothing before a turn asks for it. */
export function createEngines(options: EngineOptions = {}): Engines {
  return {
    Chat: createChatEngine(options.chat),
    ClaudeCode: options.sandbox?.ClaudeCode ?? createMissingEngine('ClaudeCode'),
    Agno: options.sandbox?.Agno ?? createMissingEngine('Agno'),
    Dify: createDifyEngine(options.dify),
  };
}
