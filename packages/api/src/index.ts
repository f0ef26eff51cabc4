/**
 * @wegent/api — the vocabulary of the platform.
 *
 * Kinds, messages, execution events and wire contracts as zod schemas, and pure functions over them.
 * No I/O and no Node: it runs in the browser. It may import zod and nothing else.
 * A schema and its type share a name. A new kind is one file in `kinds/` and one line in `kinds/index.ts`.
 */
export * from './chat.ts';
export * from './define-kind.ts';
export * from './errors.ts';
export * from './execution.ts';
export * from './execution-events.ts';
export * from './execution-spec.ts';
export * from './executor-access.ts';
export * from './executor-link.ts';
export * from './executors.ts';
export * from './git.ts';
export * from './input-form.ts';
export { insideRunOf } from './inside-runs.ts';
export * from './kinds/bot.ts';
export * from './kinds/core/config-map.ts';
export * from './kinds/core/event.ts';
export * from './kinds/core/namespace.ts';
export * from './kinds/core/pod.ts';
export * from './kinds/core/secret.ts';
export * from './kinds/ghost.ts';
export * from './kinds/index.ts';
export * from './kinds/model.ts';
export * from './kinds/reference.ts';
export * from './kinds/shell.ts';
export * from './kinds/skill.ts';
export * from './kinds/task.ts';
export * from './kinds/team.ts';
export * from './kinds/workspace.ts';
export * from './manager-link.ts';
export * from './message.ts';
export * from './meta.ts';
export * from './process-frames.ts';
export * from './reduce-events.ts';
export * from './rest.ts';
export * from './run-input.ts';
export * from './run-step.ts';
export * from './secrets.ts';
export * from './selector.ts';
export * from './task-item.ts';
export * from './usage.ts';
export * from './workspace-view.ts';
