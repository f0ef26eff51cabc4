import { z } from 'zod';
import { ExecutionEvent } from './execution-events.ts';
import { ExecutionSpec } from './execution-spec.ts';
import { RunInput } from './run-input.ts';
import { TerminalRequest } from './workspace-view.ts';

/**
 * Manager → executor, HTTP with `Authorization: Bearer <token of the sandbox>`; errors are Status objects.
 *
 * | | |
 * |---|---|
 * | GET /healthz | `ExecutorHealth` |
 * | POST /v1/turns | `ExecutorTurn` → 201, or 200 when it has that turn already |
 * | GET /v1/turns/{id}/events?after=n | `ExecutorEvent` lines (NDJSON) after number n, then live, until after `finish` |
 * | POST /v1/turns/{id}/interrupt | `{attempt}` → 202; the turn finishes `cancelled`; an older attempt than that of the newest POST does nothing |
 * | POST /v1/turns/{id}/input | `RunInput[]` → `{received: ids}`; known ids do nothing |
 * | POST /v1/turns/{id}/revert | → `RevertResult`; 409 when later changes touch the same lines |
 * | PUT /v1/workspace | `ExecutorWorkspace` → 204: makes the work tree ready without a turn |
 * | GET /v1/repository | `ExecutorRepository` |
 * | GET /v1/changes?turn= · /v1/changes/{path}?turn= | `ChangeList` · the patch as text |
 * | GET /v1/files?path= · /v1/files/{path} | `FolderListing` · bytes |
 * | POST /v1/git/commit | `{message, author}` → `CommitResult`; 409 when there is nothing to commit |
 * | POST /v1/git/push | → `CommitResult` |
 * | POST /v1/terminals · GET …/{id}/output · POST …/{id}/input · …/{id}/resize · DELETE …/{id} | a shell on a pty; output is a stream of bytes |
 * | POST /v1/commands · GET …/{id}/output · POST …/{id}/input · …/{id}/end · …/{id}/resize · DELETE …/{id} | `ExecutorCommand` → `StartedCommand`: one command; output is frames of `process-frames.ts`, read once; it is killed when its reader goes |
 * | GET /v1/archive · PUT /v1/archive | workspace and home as a tar stream |
 */
export const ExecutorTurn = z.object({
  turnId: z.string().describe('Id of the execution.'),
  attempt: z.number().int().min(1),
  spec: ExecutionSpec.describe('Without secrets of models, git hosts and remote MCP servers.'),
  runToken: z.string().describe('Opens the gateway for this run.'),
});
export type ExecutorTurn = z.infer<typeof ExecutorTurn>;

/** One line of a turn's events; `seq` counts per turn from 1. The last one is `finish`. */
export const ExecutorEvent = z.object({ seq: z.number().int().min(1), event: ExecutionEvent });
export type ExecutorEvent = z.infer<typeof ExecutorEvent>;

/** GET /healthz. */
export const ExecutorHealth = z.object({
  status: z.literal('ok'),
  version: z.string(),
  turns: z.array(z.object({ turnId: z.string(), attempt: z.number().int(), finished: z.boolean() })),
});
export type ExecutorHealth = z.infer<typeof ExecutorHealth>;

/** POST /v1/turns/{id}/input. */
export const ExecutorInputs = z.array(RunInput).max(1000);

/** PUT /v1/workspace: what to make ready, with the token that opens the gateway for git. */
export const ExecutorWorkspace = z.object({
  workspace: ExecutionSpec.shape.workspace,
  runToken: z.string(),
});
export type ExecutorWorkspace = z.infer<typeof ExecutorWorkspace>;

/** POST /v1/commands: a program with its arguments, in the work tree. */
export const ExecutorCommand = z.strictObject({
  command: z
    .array(z.string().regex(/^[^\0]*$/, 'must not have a NUL character'))
    .min(1)
    .max(1000),
  stdin: z.boolean().describe('Whether input will come.'),
  tty: TerminalRequest.optional().describe('Gives it a terminal of this size.'),
});
export type ExecutorCommand = z.infer<typeof ExecutorCommand>;
/** A command that was started. */
export const StartedCommand = z.object({ commandId: z.string() });

/** GET /v1/repository: the work tree, and the remote as it answers now. */
export const ExecutorRepository = z.object({
  branch: z.string(),
  baseBranch: z.string(),
  head: z.string().optional(),
  uncommitted: z.number().int(),
  commits: z.number().int(),
  ahead: z.number().int(),
  remoteHead: z.string().optional(),
  remoteProblem: z.string().optional(),
});
export type ExecutorRepository = z.infer<typeof ExecutorRepository>;

/**
 * Sandbox → gateway of the manager, plain HTTP on a socket of the sandbox's own; every request carries the token of
 * its run as `x-wegent-run`, which the executor's own ports put in.
 *
 * | | |
 * |---|---|
 * | `/model/…` | the model's API: what follows is appended to the Model's base URL, the key is put in |
 * | `/mcp/{name}` | the remote MCP server of that name, with its headers; below it what the server itself points to |
 * | `/git/…` | smart HTTP of the task's repository: `/git/info/refs`, `/git/git-upload-pack`, …; LFS below `/git/info/lfs` |
 * | `/git-lfs-object/…` | where answers of LFS point to |
 * | `/git-ssh` | upgrade to `git-ssh`; `?command=git-upload-pack` or `git-receive-pack`: that command, in frames (`process-frames.ts`) |
 * | `/blobs/{key}` | bytes of an attachment or skill of the run |
 * | CONNECT, and absolute URLs | the egress proxy |
 */
export const GATEWAY_TOKEN_HEADER = 'x-wegent-run';

/**
 * With it the gateway turns a request away whose run another manager is about to take over: the executor sends it again
 * with the token that it gets then.
 */
export const GATEWAY_LATER_HEADER = 'x-wegent-later';
