/**
 * @wegent/engine — what agents are: each engine turns a turn into execution events.
 *
 * `Engine` is the port; `createEngines` makes one for each Shell type; `runTurn` runs a turn within its time limits.
 * An engine knows neither the server nor the queue nor a database: it gets a self-contained ExecutionSpec and
 * reports events. A new engine is one folder and one line in `engines.ts`.
 * May import: @wegent/api, the AI SDK and its providers, a tokenizer.
 */
export type { ChatEngineOptions } from './chat/chat-engine.ts';
export { type ModelTest, testModel } from './chat/test-model.ts';
export type { Engine, Turn } from './engine.ts';
export { createEngines, type EngineOptions, type Engines } from './engines.ts';
export { createOutbound, type Outbound } from './outbound.ts';
export { RunFailure } from './run-failure.ts';
export { runTurn } from './run-turn.ts';
