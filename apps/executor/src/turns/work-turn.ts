import type { ExecutionEvent, ExecutionSpec, RunInput } from '@wegent/api';
import { runTurn, type SandboxEngines, skillsFolder } from '@wegent/engine/sandbox';
import type { GatewayPort } from '../gateway/gateway-port.ts';
import { readBlob } from '../gateway/read-blob.ts';
import type { Git } from '../git/git.ts';
import type { Logger } from '../logger.ts';
import type { Processes } from '../process/processes.ts';
import { listChanges } from '../snapshots/diff.ts';
import { inTree, openShadow } from '../snapshots/shadow-repository.ts';
import type { Snapshot, Snapshots } from '../snapshots/snapshots.ts';
import { currentBranch } from '../views/changes.ts';
import type { Prepared, Workspaces } from '../workspace/prepare-workspace.ts';
import { runSetup } from '../workspace/setup.ts';
import { installSkills } from '../workspace/skills.ts';
import type { WorkTree } from '../workspace/work-tree.ts';
import { agentEnvironment } from './agent-environment.ts';

/** What turns are made of. */
export interface TurnDeps {
  engines: SandboxEngines;
  workspaces: Workspaces;
  snapshots: Snapshots;
  processes: Processes;
  git: Git;
  homeFolder: string;
  path: string;
  sshProgram: readonly string[];
  logger: Logger;
}

/** One turn at work. */
export interface TurnRequest {
  turnId: string;
  spec: ExecutionSpec;
  port: GatewayPort;
  signal: AbortSignal;
  emit: (event: ExecutionEvent) => void;
  ready: () => Promise<void>;
  onInput: (listener: (input: RunInput) => void) => void;
}

/** How often progress in numbers is told. */
const PROGRESS_MS = 1_000;
const MAX_COMMITS = 100;
const MAX_FILES = 500;

/**
 * Works a turn: makes the work tree, skills and set-up ready, runs the engine between two snapshots, and tells what
 * changed, however it ended. Rejects as the step that failed does.
 */
export async function workTurn(turn: TurnRequest, deps: TurnDeps): Promise<void> {
  const { spec, port, signal, emit } = turn;
  const { workspaces, snapshots, homeFolder, git, processes, sshProgram, path } = deps;
  port.setRepository(spec.workspace?.repository?.url);
  port.setLeads(spec.team !== undefined);
  const tree = await workspaces.prepare({
    workspace: spec.workspace,
    port,
    signal,
    timeoutMs: spec.shell.turnSeconds * 1000,
    onProgress: throttledPhase(emit),
    emit,
  });
  if (tree.cloned) await snapshots.seed(tree);
  const background = new AbortController();
  const refreshed = tree.cloned
    ? Promise.resolve()
    : refresh(tree, AbortSignal.any([signal, background.signal]), turn, deps);
  const env = agentEnvironment({
    path,
    homeFolder,
    lfs: git.lfs,
    workspace: spec.workspace,
    port,
    sshProgram,
  });
  const read = (key: string) => readBlob(port, key, { signal });
  try {
    await installSkills({ skills: spec.skills, folder: skillsFolder(homeFolder), read, emit });
    await runSetup({
      processes,
      commands: spec.workspace?.setupCommands ?? [],
      folder: tree.folder,
      homeFolder,
      env,
      signal,
      timeoutMs: spec.shell.turnSeconds * 1000,
      emit,
    });
    const place = { workFolder: tree.folder, homeFolder, gatewayUrl: port.url, env };
    // The engine starts while the snapshot is taken.
    const warming = deps.engines[spec.shell.shellType]?.prewarm?.({ spec, ...place });
    const before = await beginSnapshot(tree, turn, deps);
    await warming;
    try {
      signal.throwIfAborted();
      await runTurn(deps.engines, {
        spec,
        emit,
        ready: turn.ready,
        onInput: turn.onInput,
        signal,
        readBlob: read,
        ...place,
      });
    } finally {
      if (before) await endSnapshot({ tree, before, turn, deps });
    }
  } finally {
    background.abort();
    await refreshed;
  }
}

/** Asks the remote while the agent works: nobody waits for it, and a host that is away stops nothing. */
async function refresh(
  tree: Prepared,
  signal: AbortSignal,
  { port, emit }: TurnRequest,
  { workspaces, logger }: TurnDeps,
): Promise<void> {
  try {
    await workspaces.refresh({ tree, port, signal, emit });
  } catch (err) {
    if (!signal.aborted) logger.warn({ err }, 'the remote could not be asked for what is new');
  }
}

type Before = Snapshot & { first: string };

async function beginSnapshot(
  tree: WorkTree,
  turn: TurnRequest,
  { snapshots, logger }: TurnDeps,
): Promise<Before | undefined> {
  const { turnId, signal, emit } = turn;
  try {
    const snapshot = await snapshots.now(tree, signal);
    return { ...snapshot, first: await snapshots.keepBefore(tree, turnId, snapshot) };
  } catch (err) {
    signal.throwIfAborted();
    logger.warn({ err, turnId }, 'no snapshot could be taken');
    emit({
      type: 'warning',
      code: 'snapshot-failed',
      message: `The changes of this turn cannot be shown or reverted: ${err instanceof Error ? err.message : String(err)}`,
    });
    return undefined;
  }
}

async function endSnapshot({
  tree,
  before,
  turn: { turnId, emit },
  deps: { snapshots, git, homeFolder, logger },
}: {
  tree: WorkTree;
  before: Before;
  turn: TurnRequest;
  deps: TurnDeps;
}): Promise<void> {
  try {
    const after = await snapshots.now(tree);
    await snapshots.keepAfter(tree, turnId, after);
    const shadow = await openShadow(tree, homeFolder);
    const changes = await listChanges({ git, shadow, from: before.first, to: after.tree });
    const commits = await newCommits(git, tree, before.head, after.head);
    if (changes.length === 0 && commits.length === 0) return;
    const branch = await currentBranch(git, tree);
    emit({
      type: 'files-changed',
      files: changes
        .slice(0, MAX_FILES)
        .map(({ file: { path, status, additions, deletions } }) => ({ path, status, additions, deletions })),
      ...(branch === undefined ? {} : { branch }),
      ...(commits.length === 0 ? {} : { commits }),
    });
  } catch (err) {
    logger.warn({ err, turnId }, 'the changes of a turn could not be told');
  }
}

async function newCommits(
  git: Git,
  tree: WorkTree,
  from: string | undefined,
  to: string | undefined,
): Promise<string[]> {
  if (to === undefined || from === to) return [];
  const range = from === undefined ? [to] : [to, `^${from}`];
  const text = await git.maybe({
    ...inTree(tree),
    args: ['rev-list', `--max-count=${MAX_COMMITS}`, ...range, '--'],
  });
  return (text ?? '').split('\n').filter((line) => line !== '');
}

/** Progress as phases: a new kind at once, numbers once a second. */
function throttledPhase(emit: (event: ExecutionEvent) => void): (text: string) => void {
  let last = { kind: '', at: 0 };
  return (text) => {
    const kind = text.replace(/\d+ %$/, '');
    if (kind === last.kind && Date.now() - last.at < PROGRESS_MS) return;
    last = { kind, at: Date.now() };
    emit({ type: 'phase', text });
  };
}
