/**
 * @wegent/engine — what agents are: each engine turns a turn into execution events.
 *
 * `Engine` is the port; `createEngines` makes one for each Shell type; `runTurn` runs a turn within its time limits.
 * An engine knows neither the server nor the queue nor a database: it gets a self-contained ExecutionSpec and
 * reports events. A new engine is one folder and one line in `engines.ts`. Engines that need a sandbox are made from
 * `@wegent/engine/sandbox` inside of it; here they are what the manager injects. `installEngine` fetches those that are
 * not in our tree.
 * May import: @wegent/api, zod, the AI SDK and its providers, a tokenizer.
 */
export { baseUrlOf } from './chat/base-url.ts';
export type { ChatEngineOptions } from './chat/chat-engine.ts';
export { type ModelTest, testModel } from './chat/test-model.ts';
export {
  createDelegate,
  DELEGATE_TOOL,
  type Delegate,
  DelegationInterrupted,
  delegateSchema,
} from './delegation.ts';
export { readInputForm } from './dify/read-input-form.ts';
export type { Engine, Turn } from './engine.ts';
export { createEngines, type EngineOptions, type Engines } from './engines.ts';
export { engineState } from './install/engine-state.ts';
export { type InstallOptions, installEngine } from './install/install-engine.ts';
export {
  createOutbound,
  type Outbound,
  type OutboundOptions,
  OutboundRefused,
  type OutboundRequest,
} from './outbound.ts';
export { isPublicAddress } from './public-address.ts';
export { redact } from './redact.ts';
export { RunFailure } from './run-failure.ts';
export { runTurn } from './run-turn.ts';
