/**
 * The simulator: a scripted model server on three protocols (Anthropic Messages, OpenAI Chat
 * Completions, OpenAI Responses). It is the demo model of a fresh install, and says so in its
 * answers, and the model of all tests. It keeps no state: the same request gets the same answer.
 *
 * The way of a request: a protocol file parses it into a neutral `Conversation`, `plan` decides a
 * neutral `Turn`, the protocol renders that Turn, `exchange` sends it at the wanted pace.
 * README.md lists what prompts do.
 *
 * May import: node built-ins only.
 */

export type { Conversation, Message, Part, Tool } from './conversation.ts';
export type { Fault, FaultRequest } from './faults.ts';
export { createSimulator, type RunningSimulator, type Simulator, type SimulatorOptions } from './server.ts';
